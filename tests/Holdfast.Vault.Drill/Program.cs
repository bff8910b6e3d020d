using Holdfast.Vault;
using Holdfast.Vault.Drill;

// What an attacker has: the inside of a process behind the vault's own walls, or a program of the same user beside it. Each attempt is one
// line: its name, a tab, and what became of it.
switch (args)
{
    case ["free", var folder]:
        Attempts.Report(FromInside.All(folder));
        return 0;
    case ["attack", var process]:
        Attempts.Report(FromOutside.All(int.Parse(process, System.Globalization.CultureInfo.InvariantCulture)));
        return 0;
    case ["replace", var folder]:
        Attempts.Report(Replacing.All(folder));
        return 0;
    case ["wait"]:
        Console.WriteLine("waiting");
        Console.In.ReadLine();
        return 0;
    case [var folder, .. var rest]:
        bool isAgain = rest is [Sandbox.Again];
        if (!isAgain) Sandbox.BeginAgain(folder);
        if (!Sandbox.TryClose(folder, isAgain, out var protections)) return 3;
        using (var output = Pipe.OpenOutput())
        using (var writer = new StreamWriter(output))
        {
            writer.WriteLine($"protections\t{(uint)protections}");
            foreach (var attempt in FromInside.All(folder)) writer.WriteLine(attempt.Run());
        }
        return 0;
    default:
        return 2;
}
