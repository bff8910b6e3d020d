#!/usr/bin/env dotnet
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false

// Takes away one check of src/Holdfast.Mls after another and shows that some test notices.
//
//   dotnet run build/mutants.cs [-- TEXT...]      only checks whose file or line contains one of the texts
//
// The checks are taken away in a copy of the tree under the temporary folder, all at once and each behind a number, so that one
// build serves all: the environment then says which number is off. A first run of every test class notes which checks refused
// something in it; only those classes are asked about that check, the quickest first. What is no check but matters as much stands in
// tests/mutants.swaps.tsv: file, expression, and what is put in its place. The list is left in tests/mutants.tsv, line by line as it is
// found, so that a run that was stopped begins again with the tests it knows; what is known to change nothing stands, with its reason,
// in tests/mutants.harmless.tsv. Exits 1 if a check can go without a test failing.

using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

string root = Run("git", ["rev-parse", "--show-toplevel"], ".").Output.Trim();
string copy = Path.Combine(Path.GetTempPath(), "holdfast-mutants");
string[] suites = ["Holdfast.Codec.Tests", "Holdfast.Mls.Tests"];
var mutants = new List<Mutant>();

Copy();
string[][] swaps = [.. File.ReadAllLines(Path.Combine(root, "tests/mutants.swaps.tsv")).Select(line => line.Split('\t'))];
foreach (string file in Sources())
    File.WriteAllText(file, new Rewriter(Path.GetRelativePath(copy, file), File.ReadAllText(file), mutants).Rewrite(swaps));
File.WriteAllText(Path.Combine(copy, "src/Holdfast.Codec/Mutant.cs"), Rewriter.Switch);
Console.WriteLine($"{mutants.Count} checks in {mutants.Select(mutant => mutant.File).Distinct().Count()} files");

var classes = new List<(string Suite, string Name)>();
foreach (string project in suites)
{
    string[] options = ["-c", "Release", "-v", "q", "--nologo", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false"];
    var build = Run("dotnet", ["build", $"tests/{project}", .. options], copy);
    if (build.Exit != 0) return Fail(build.Output);
    string suite = Path.Combine(copy, "artifacts/bin", project, "release", project);
    classes.AddRange(Run(suite, ["-list", "classes", "-noLogo"], copy).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Trim()).Where(line => line.StartsWith("Holdfast.", StringComparison.Ordinal)).Select(name => (suite, name)));
}
string sources = Digest(Sources().Select(File.ReadAllText));
var refusedIn = new Dictionary<int, List<((string Suite, string Name) Class, long Time)>>();
foreach (var (suite, name) in classes)
{
    var (time, numbers) = Trace(suite, name);
    foreach (int number in numbers)
    {
        if (!refusedIn.TryGetValue(number, out var list)) refusedIn.Add(number, list = []);
        list.Add(((suite, name), time));
    }
}
Console.WriteLine($"{refusedIn.Count} of them refuse something in some test");

var harmless = File.ReadAllLines(Path.Combine(root, "tests/mutants.harmless.tsv"))
    .Where(line => line.Contains('\t')).Select(line => line[..line.LastIndexOf('\t')]).ToHashSet();
string results = Path.Combine(root, "tests/mutants.tsv");
var recorded = (File.Exists(results) ? File.ReadAllLines(results) : []).Select(line => line.Split('\t')).Where(parts => parts.Length == 3)
    .DistinctBy(parts => (parts[0], parts[1])).ToDictionary(parts => $"{parts[0]}\t{parts[1]}", parts => parts[2]);
var now = mutants.Select(LineOf).Distinct().ToDictionary(line => line, line => recorded.GetValueOrDefault(line, "not asked"));
int killed = 0, explained = 0, survived = 0;
string LineOf(Mutant mutant) => $"{mutant.File}\t{mutant.Text}";
bool IsAsked(Mutant mutant) => args.Length == 0 || args.Any(text => LineOf(mutant).Contains(text, StringComparison.Ordinal));
var asked = new HashSet<string>();
foreach (var mutant in mutants.Where(IsAsked))
{
    string line = LineOf(mutant);
    string? killer = Known(mutant.Number, recorded.GetValueOrDefault(line)) ?? Search(mutant);
    if (killer is not null) killed++;
    else if (harmless.Contains(line)) explained++;
    else survived++;
    string without = killer ?? (harmless.Contains(line) ? "none: see mutants.harmless.tsv" : "NONE");
    if (without == "NONE") Console.WriteLine($"SURVIVES\t{line}{(refusedIn.ContainsKey(mutant.Number) ? "" : "\t(no test comes here)")}");
    if ((killed + explained + survived) % 50 == 0) Console.WriteLine($"{killed + explained + survived} asked");
    if (asked.Add(line) || killer is null) now[line] = without;
    File.WriteAllLines(results, now.Select(entry => $"{entry.Key}\t{entry.Value}").Prepend("file\tcheck\ta test that fails without it"));
}
Console.WriteLine($"{killed} noticed, {explained} harmless, {survived} survived");
return survived == 0 ? 0 : 1;

// How long a class takes and which checks refuse something in it. What was seen once is kept as long as neither the sources nor that
// class change.
(long Time, int[] Numbers) Trace(string suite, string name)
{
    string declaration = $"class {name[(name.LastIndexOf('.') + 1)..]}";
    string tests = Path.Combine(copy, "tests", Path.GetFileName(suite));
    var own = Directory.EnumerateFiles(tests, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText);
    string digest = Digest([sources, .. own.Where(text => Regex.IsMatch(text, $@"\b{declaration}\b"))]);
    string trace = Path.Combine(copy, "artifacts/traces", digest + name);
    if (!File.Exists(trace))
    {
        Directory.CreateDirectory(Path.GetDirectoryName(trace)!);
        var clock = Stopwatch.StartNew();
        var whole = Run(suite, ["-class", name, "-noLogo", "-noColor"], copy, 600, ("HOLDFAST_MUTANT_TRACE", trace + ".new"));
        if (whole.Exit != 0) throw new InvalidOperationException($"{name} fails with every check in its place:\n{whole.Output}");
        string[] numbers = File.Exists(trace + ".new") ? File.ReadAllLines(trace + ".new") : [];
        File.WriteAllLines(trace, numbers.Prepend($"{clock.ElapsedMilliseconds}"));
    }
    string[] lines = File.ReadAllLines(trace);
    return (long.Parse(lines[0]), [.. lines.Skip(1).Select(int.Parse)]);
}

static string Digest(IEnumerable<string> texts) =>
    Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', texts))))[..16];

// A test that fails without the check: the quickest classes are asked first, some at once, since starting takes longer than most of
// them do.
string? Search(Mutant mutant)
{
    bool isLimit = mutant.Text.Contains("MlsLimits.", StringComparison.Ordinal);
    var left = refusedIn.GetValueOrDefault(mutant.Number, [])
        .OrderBy(entry => isLimit && !entry.Class.Name.EndsWith("LimitsTests", StringComparison.Ordinal))
        .ThenBy(entry => entry.Time).ToList();
    for (long budget = 10_000; left.Count > 0; budget *= 3)
    {
        long sum = 0;
        string suite = left[0].Class.Suite;
        var some = left.TakeWhile((entry, index) => index == 0 || (entry.Class.Suite == suite && (sum += entry.Time) < budget)).ToList();
        string[] names = [.. some.Select(entry => entry.Class.Name)];
        int seconds = 60 + (int)(some.Sum(entry => entry.Time) / 250);
        if (Killer(mutant.Number, suite, "-class", names, seconds) is { } killer) return killer;
        left.RemoveRange(0, some.Count);
    }
    return null;
}

// Whether the test that noticed the last time still does: the quickest way to the same answer.
string? Known(int number, string? test)
{
    if (test is null) return null;
    string name = $".{test[..Math.Max(0, test.IndexOf('.'))]}";
    string? suite = classes.Find(entry => entry.Name.EndsWith(name, StringComparison.Ordinal)).Suite;
    return suite is null ? null : Killer(number, suite, "-method", [$"*.{test}"], 120);
}

string? Killer(int number, string suite, string option, string[] names, int seconds)
{
    string[] arguments =
        [.. names.SelectMany(name => new[] { option, name }), "-stopOnFail", "-parallelMode", "none", "-noLogo", "-noColor"];
    var without = Run(suite, arguments, copy, seconds, ("HOLDFAST_MUTANT", $"{number}"));
    if (without.Exit == 0) return null;
    string found = Regex.Match(without.Output, @"^\s*(\S.*?) \[FAIL\]", RegexOptions.Multiline).Groups[1].Value;
    if (found.Length > 0) return Regex.Replace(Regex.Replace(found, @"\(.*", ""), @"^Holdfast\.\w+\.Tests\.", "").Trim();
    if (option != "-class") return null;
    return names.Length == 1
        ? $"{names[0]} (does not end, or dies)"
        : names.Select(name => Killer(number, suite, option, [name], seconds)).FirstOrDefault(killer => killer is not null);
}

void Copy()
{
    Directory.CreateDirectory(copy);   // what was built and traced there stays, and saves much of the next time
    foreach (string folder in Directory.GetDirectories(copy).Where(folder => Path.GetFileName(folder) != "artifacts"))
        Directory.Delete(folder, true);
    string[] wanted =
    [
        "src/Holdfast.Codec/", "src/Holdfast.Cryptography/", "src/Holdfast.Mls/", "interop/Holdfast.Mls.Vectors/", "fuzz/Holdfast.Fuzz/",
        .. suites.Select(suite => $"tests/{suite}/"), "tests/Shared/", "build/",
    ];
    string files = Run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], root).Output;
    foreach (string file in files.Split('\n', StringSplitOptions.RemoveEmptyEntries))
    {
        if (file.Contains('/') && !wanted.Any(folder => file.StartsWith(folder, StringComparison.Ordinal))) continue;
        if (!File.Exists(Path.Combine(root, file))) continue;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
        File.Copy(Path.Combine(root, file), Path.Combine(copy, file), true);
    }
}

IEnumerable<string> Sources() => Directory.EnumerateFiles(Path.Combine(copy, "src/Holdfast.Mls"), "*.cs", SearchOption.AllDirectories)
    .Append(Path.Combine(copy, "src/Holdfast.Codec/TlsReader.cs")).Order(StringComparer.Ordinal);

static int Fail(string why)
{
    Console.Error.WriteLine(why);
    return 2;
}

static (int Exit, string Output) Run(
    string command, IEnumerable<string> arguments, string folder, int seconds = 600, params (string Name, string Value)[] environment)
{
    var start = new ProcessStartInfo(command, arguments)
    {
        WorkingDirectory = folder,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
    start.Environment["DOTNET_TieredPGO"] = "0";   // a process lives a second or two: counting what is hot does not pay
    foreach (var (name, value) in environment) start.Environment[name] = value;
    using var process = Process.Start(start)!;
    var output = process.StandardOutput.ReadToEndAsync();
    var errors = process.StandardError.ReadToEndAsync();
    if (!process.WaitForExit(TimeSpan.FromSeconds(seconds)))
    {
        process.Kill(true);
        process.WaitForExit();
    }
    return (process.ExitCode, output.Result + errors.Result);
}

/// <summary>A check that can be taken away.</summary>
/// <param name="Number">What the environment calls it.</param>
/// <param name="File">Where it is.</param>
/// <param name="Text">What it reads.</param>
internal sealed record Mutant(int Number, string File, string Text);

/// <summary>Puts every check of one source behind its number.</summary>
internal sealed class Rewriter(string file, string source, List<Mutant> mutants)
{
    /// <summary>What the rewritten sources call. A check that refuses notes so; the one whose number is set then does not refuse.</summary>
    internal const string Switch = """
        #pragma warning disable
        public static class Mutant
        {
            private static readonly int Off =
                int.TryParse(System.Environment.GetEnvironmentVariable("HOLDFAST_MUTANT"), out int number) ? number : -1;
            private static readonly string? File = System.Environment.GetEnvironmentVariable("HOLDFAST_MUTANT_TRACE");
            private static readonly System.Collections.Concurrent.ConcurrentDictionary<int, bool> Seen = new();

            static Mutant() => System.AppDomain.CurrentDomain.ProcessExit += (_, _) =>
            {
                if (File is not null) System.IO.File.WriteAllLines(File, System.Linq.Enumerable.Select(Seen.Keys, number => $"{number}"));
            };

            /// The condition of a check that refuses where it is false.
            public static bool Holds(int number, bool condition) => condition || !Fires(number);

            /// Whether a check whose condition is met refuses.
            public static bool Fires(int number)
            {
                if (File is not null) Seen[number] = true;
                return Off != number;
            }

            /// A refusal that cannot just be left out becomes one that nobody expects.
            public static System.Exception Thrown(int number, System.Exception refusal) =>
                Fires(number) ? refusal : new System.NotImplementedException("the check is off");

            public static string? Text(int number, string? rule) => Fires(number) ? rule : null;

            /// Whether what a check throws is passed over.
            public static bool Swallows(int number, System.Exception refusal) => !Fires(number);

            public static int Limit(int number, int limit) => Fires(number) ? limit : int.MaxValue;
        }
        """;

    private string _text = source;

    internal string Rewrite(string[][] swaps)
    {
        if (file.EndsWith("MlsLimits.cs", StringComparison.Ordinal)) return _text;
        foreach (string[] swap in swaps.Where(swap => file.EndsWith($"/{swap[0]}", StringComparison.Ordinal))) Swap(swap[1], swap[2]);
        Replace(@"if \((?=(?:[^()]|(?<o>\()|(?<-o>\)))*\)\s*(?:throw |return (?:null|0|false);))", Conditional);
        Replace(@"(?<!void )(?<!\w)Require\(", Required);
        Replace(@"throw (?!;|Mutant)", Thrown);
        Replace(@"(?<=^ +|\) )(?:\w+\.)*(?:Check|Validate|ExpectEnd)\w*\(", Called);
        Replace(@"(?<=(?:return|:|=>)\s+)""RFC 9420", Named);
        Replace(@"MlsLimits\.\w+(?=\)|, )", Limited);
        return _text;
    }

    private void Swap(string expression, string other)
    {
        int at = _text.IndexOf(expression, StringComparison.Ordinal);
        if (at < 0 || _text.IndexOf(expression, at + 1, StringComparison.Ordinal) >= 0)
            throw new InvalidOperationException($"{file}: not once: {expression}");
        mutants.Add(new Mutant(mutants.Count, file.Replace("src/", "", StringComparison.Ordinal), $"{expression} => {other}"));
        string name = Regex.Match(expression, @"^\w+ = (?!=)").Value;   // of a property in an initializer
        string both = $"{name}(Mutant.Fires({mutants.Count - 1}) ? {expression[name.Length..]} : {other[name.Length..]})";
        _text = _text[..at] + both + _text[(at + expression.Length)..];
    }

    /// <summary>From the end of the text to its beginning, so that places stay what they are.</summary>
    private void Replace(string pattern, Func<Match, (int Length, string Text)?> rewrite)
    {
        string before = _text;
        foreach (var match in Regex.Matches(before, pattern, RegexOptions.Multiline).Reverse())
        {
            if (IsComment(match.Index)) continue;
            if (rewrite(match) is { } replaced) _text = _text[..match.Index] + replaced.Text + _text[(match.Index + replaced.Length)..];
        }
    }

    private (int Length, string Text)? Conditional(Match match)
    {
        int open = match.Index + match.Length - 1, close = Close(open);
        string condition = _text[(open + 1)..close];
        if (condition.Contains("!holds", StringComparison.Ordinal)) return null;
        if (Regex.IsMatch(condition, @"is not [^|&]*?[}\w] (?!or\b|and\b)[a-z]\w*")) return null;
        string[] parts = Parts(condition, "||");
        var mutated = parts.Select(part => $"({part}) && Mutant.Fires({Number(match.Index, parts.Length > 1 ? part : null)})");
        return (close + 1 - match.Index, $"if ({string.Join(" || ", mutated)})");
    }

    private (int Length, string Text)? Required(Match match)
    {
        int open = match.Index + match.Length - 1, end = FirstArgument(open);
        string condition = _text[(open + 1)..end];
        if (condition.StartsWith("bool ", StringComparison.Ordinal)) return null;
        bool declares = Regex.IsMatch(condition, @"\bis (?!not\b)[^&|]*[}\w] (?!or\b|and\b)[a-z]\w*");
        string[] parts = declares ? [condition] : Parts(condition, "&&");
        var mutated = parts.Select(part => $"Mutant.Holds({Number(match.Index, parts.Length > 1 ? part : null)}, {part})");
        return (end - match.Index, $"Require({string.Join(" && ", mutated)}");
    }

    /// <summary>What a condition consists of: each part can be taken away by itself.</summary>
    private static string[] Parts(string condition, string by)
    {
        var parts = new List<string>();
        int from = 0;
        for (int i = 0, depth = 0; i < condition.Length; i++)
        {
            if (condition[i] == '"') i = condition.IndexOf('"', i + 1);
            else if (condition[i] is '(' or '[' or '{') depth++;
            else if (condition[i] is ')' or ']' or '}') depth--;
            else if (depth == 0 && condition.AsSpan(i).StartsWith(" ? ")) return [condition];
            else if (depth == 0 && condition.AsSpan(i).StartsWith(by)) (_, from) = (Add(from, i), i + by.Length);
        }
        Add(from, condition.Length);
        return [.. parts];

        int Add(int start, int end)
        {
            parts.Add(condition[start..end].Trim());
            return end;
        }
    }

    /// <summary>A refusal that stands under a mutated condition needs no number of its own.</summary>
    private (int Length, string Text)? Thrown(Match match)
    {
        string before = _text[..match.Index].TrimEnd();
        if (Regex.IsMatch(before, @"Mutant\.Fires\(\d+\)\)$") || before.EndsWith("(!holds)", StringComparison.Ordinal)) return null;
        int start = match.Index + match.Length, end = Close(_text.IndexOf('(', start)) + 1;
        return (end - match.Index, $"throw Mutant.Thrown({Number(match.Index)}, {_text[start..end]})");
    }

    private (int Length, string Text)? Called(Match match)
    {
        int end = Close(match.Index + match.Length - 1) + 1;
        if (end >= _text.Length || _text[end] != ';') return null;
        if (_text[..match.Index].TrimEnd().EndsWith("=>", StringComparison.Ordinal)) return null;
        string call = _text[match.Index..end], swallows = $"Mutant.Swallows({Number(match.Index)}, e_)";
        return (end + 1 - match.Index, $"{{ try {{ {call}; }} catch (System.Exception e_) when ({swallows}) {{ }} }}");
    }

    private (int Length, string Text)? Named(Match match)
    {
        if (Regex.IsMatch(_text[..match.Index], @"Mutant\.Fires\(\d+\)\) return $")) return null;
        int end = _text.IndexOf('"', match.Index + 1) + 1;
        return (end - match.Index, $"Mutant.Text({Number(match.Index)}, {_text[match.Index..end]})");
    }

    private (int Length, string Text)? Limited(Match match)
    {
        if (!Line(match.Index).Contains(".Read", StringComparison.Ordinal)) return null;
        return (match.Length, $"Mutant.Limit({Number(match.Index)}, {match.Value})");
    }

    private int Number(int place, string? part = null)
    {
        string text = Regex.Replace(Original(place) + (part is null ? "" : $" [{part}]"), @"\s+", " ").Trim();
        mutants.Add(new Mutant(mutants.Count, file.Replace("src/", "", StringComparison.Ordinal), text));
        return mutants.Count - 1;
    }

    /// <summary>The statement at that place as it was.</summary>
    private string Original(int place)
    {
        int from = _text.LastIndexOf('\n', Math.Max(0, place - 1)) + 1, to = _text.IndexOf('\n', place);
        while (to < _text.Length - 1 && !Regex.IsMatch(_text[from..to].TrimEnd(), @"[;{},]$|//.*$") && to - from < 240)
            to = _text.IndexOf('\n', to + 1);
        return Restore(_text[from..to]);
    }

    private static string Restore(string text)
    {
        text = Regex.Replace(text, @"\{ try \{ (.*?;) \} catch .*? \{ \} \}", "$1");
        text = Regex.Replace(text, @"\((.*?)\) && Mutant\.Fires\(\d+\)", "$1");
        return Regex.Replace(text, @"Mutant\.\w+\(\d+, ", "");
    }

    private string Line(int place)
    {
        int end = _text.IndexOf('\n', place);
        return _text[(_text.LastIndexOf('\n', place) + 1)..(end >= 0 ? end : _text.Length)];
    }

    private bool IsComment(int place) => Line(place).TrimStart().StartsWith("//", StringComparison.Ordinal);

    private int Close(int open)
    {
        for (int i = open, depth = 0; i < _text.Length; i++)
        {
            i = SkipText(i);
            if (_text[i] is '(' or '[' or '{') depth++;
            else if (_text[i] is ')' or ']' or '}' && --depth == 0) return i;
        }
        throw new InvalidOperationException($"{file}: no end of {Line(open)}");
    }

    private int FirstArgument(int open)
    {
        for (int i = open, depth = 0; i < _text.Length; i++)
        {
            i = SkipText(i);
            if (_text[i] is '(' or '[' or '{') depth++;
            else if (_text[i] is ')' or ']' or '}') depth--;
            else if (_text[i] == ',' && depth == 1) return i;
        }
        throw new InvalidOperationException($"{file}: no argument of {Line(open)}");
    }

    private int SkipText(int place)
    {
        if (_text[place] == '\'' && _text[place + 2] == '\'') return place + 3;
        return _text[place] == '"' ? _text.IndexOf('"', place + 1) + 1 : place;
    }
}
