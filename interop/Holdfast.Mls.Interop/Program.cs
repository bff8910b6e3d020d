using Holdfast.Mls.Interop;

return args switch
{
    ["vectors", _, ..] => VectorsCommand.Run(args[1..], Console.Out, Console.Error),
    ["serve", "--port", var port] when ushort.TryParse(port, out ushort number) => await ServeCommand.RunAsync(number),
    ["serve", "--port", var port] => Usage.Explain(Console.Error, $"{port} is no port: 0 to 65535"),
    ["serve", ..] => Usage.Explain(Console.Error, "serve needs --port N, and nothing more"),
    ["vectors"] => Usage.Explain(Console.Error, "vectors needs one file or more"),
    [var other, ..] => Usage.Explain(Console.Error, $"there is no command {other}"),
    _ => Usage.Explain(Console.Error),
};
