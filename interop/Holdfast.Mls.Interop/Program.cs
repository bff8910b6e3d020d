using Holdfast.Mls.Interop;

return args switch
{
    ["vectors", _, ..] => VectorsCommand.Run(args[1..], Console.Out, Console.Error),
    _ => Usage.Explain(Console.Error),
};
