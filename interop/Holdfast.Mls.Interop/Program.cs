using Holdfast.Mls.Interop;

return args switch
{
    ["vectors", _, ..] => VectorsCommand.Run(args[1..], Console.Out, Console.Error),
    ["serve", "--port", var port] when ushort.TryParse(port, out ushort number) => await ServeCommand.RunAsync(number),
    _ => Usage.Explain(Console.Error),
};
