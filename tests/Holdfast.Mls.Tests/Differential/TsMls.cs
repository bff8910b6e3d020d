using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Holdfast.Mls.Tests.Differential;

/// <summary>Another implementation of RFC 9420 in a process of its own: <c>tests/differential/driver.mjs</c>.</summary>
internal sealed class TsMls : IDisposable
{
    private readonly Process _process;

    private TsMls(Process process) => _process = process;

    /// <summary>Starts it. Where <c>build/differential</c> has not brought it, or there is no Node, the test is skipped.</summary>
    internal static TsMls Start()
    {
        string root = Root();
        string modules = Path.Combine(root, "artifacts", "differential");
        if (!Directory.Exists(Path.Combine(modules, "node_modules", "ts-mls")))
            Assert.Skip("ts-mls is not there: build/differential brings it");
        string? node = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator)
            .Select(static folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);
        if (node is null) Assert.Skip("there is no node to run ts-mls with");
        string driver = Path.Combine(root, "tests", "differential", "driver.mjs");
        var process = Process.Start(new ProcessStartInfo(node, [driver, modules])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        });
        return new TsMls(process!);
    }

    /// <summary>Asks, and fails where the answer is an error.</summary>
    internal JsonObject Ask(string operation, JsonObject request)
    {
        var answer = Try(operation, request);
        if (answer["error"] is { } error) Assert.Fail($"ts-mls, {operation}: {error}");
        return answer;
    }

    /// <summary>Asks for what it may refuse: then the answer has an <c>error</c>.</summary>
    internal JsonObject Try(string operation, JsonObject request)
    {
        request["op"] = operation;
        _process.StandardInput.WriteLine(request.ToJsonString());
        _process.StandardInput.Flush();
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"ts-mls ended during {operation}");
        return JsonSerializer.Deserialize<JsonObject>(line)!;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(10_000)) _process.Kill();
        _process.Dispose();
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Holdfast.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests do not run from their repository");
    }
}
