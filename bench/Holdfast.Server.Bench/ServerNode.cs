using System.Diagnostics;
using System.Globalization;
using Holdfast.Server.Bench.Load;

namespace Holdfast.Server.Bench;

/// <summary>One server: the real executable, a process of its own, which ends with this one.</summary>
internal sealed class ServerNode : IAsyncDisposable
{
    private static readonly double TicksPerSecond = 100;   // USER_HZ, the same on every Linux
    private readonly Process _process;

    private ServerNode(Process process, Target target) => (_process, Target) = (process, target);

    public Target Target { get; }

    /// <summary>The processor time it has taken, in seconds.</summary>
    public double Processor => ProcessorOf(_process.Id);

    /// <summary>The memory that it alone has, in bytes (proportional set size).</summary>
    public long Memory
    {
        get
        {
            string line = File.ReadLines($"/proc/{_process.Id}/smaps_rollup").First(static line => line.StartsWith("Pss:", StringComparison.Ordinal));
            return Number(line["Pss:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim()) * 1024;
        }
    }

    /// <summary>The processor time that a process has taken, in seconds.</summary>
    public static double ProcessorOf(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');   // from the third field on
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    /// <summary>Starts it, and comes back when it listens.</summary>
    public static async Task<ServerNode> StartAsync(string executable, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(executable, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{executable} did not start");
        var errors = new List<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text && (text.Contains("warn", StringComparison.Ordinal) || text.Contains("fail", StringComparison.Ordinal) || errors.Count > 0))
            {
                errors.Add(text);
                Console.Error.WriteLine($"server: {text}");
            }
        };
        process.BeginErrorReadLine();
        string address = await LineAsync(process, "listening "), key = await LineAsync(process, "server key ");
        return new ServerNode(process, new Target(new Uri(address), Convert.FromHexString(key)));
    }

    /// <summary>Runs a command to its end and returns its lines.</summary>
    public static async Task<string[]> RunAsync(string executable, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(executable, arguments) { RedirectStandardOutput = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{executable} ended with {process.ExitCode}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static async Task<string> LineAsync(Process process, string beginning)
    {
        string? line = await process.StandardOutput.ReadLineAsync();
        return line?.StartsWith(beginning, StringComparison.Ordinal) == true
            ? line[beginning.Length..]
            : throw new InvalidOperationException($"the server said \"{line}\" instead of \"{beginning}…\"");
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
