using Holdfast.Server.Bench;
using Holdfast.Server.Bench.Measures;

var measures = new Dictionary<string, Func<BenchOptions, Results, Task>>
{
    ["pairs"] = Pairs.MeasureAsync,
    ["rooms"] = Rooms.MeasureAsync,
    ["members"] = Rooms.MeasureMembersAsync,
    ["stored"] = Stored.MeasureAsync,
    ["catch-up"] = CatchUp.MeasureAsync,
    ["idle"] = Idle.MeasureAsync,
    ["steady"] = Steady.MeasureAsync,
    ["kills"] = Kills.MeasureAsync,
    ["commits"] = Commits.MeasureAsync,
    ["beside"] = Beside.MeasureAsync,
    ["overload"] = Overload.MeasureAsync,
    ["siege"] = Siege.MeasureAsync,
};
if (args.Length == 0 || (!measures.ContainsKey(args[0]) && args[0] != "all"))
{
    Console.Error.WriteLine($"usage: bench/server all|{string.Join('|', measures.Keys)}");
    Console.Error.WriteLine("       [--seconds N] [--clients N] [--kills N] [--kills-file FILE] [--nodes N] [--seed N] [--plain] [--server-arguments \"...\"] [--results FILE]");
    return 2;
}
var options = BenchOptions.Parse(args);
var results = new Results(options);
Console.WriteLine(results);
foreach (var (_, measure) in measures.Where(each => args[0] == each.Key || (args[0] == "all" && each.Key is not ("beside" or "siege")))) await measure(options, results);
results.Save();
return results.AllGood ? 0 : 1;
