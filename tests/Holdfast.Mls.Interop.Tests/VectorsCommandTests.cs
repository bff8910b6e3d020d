using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>The executable as a user types it.</summary>
public sealed class VectorsCommandTests : IDisposable
{
    private const string Good = """[{"vlbytes_header":"00","length":0},{"vlbytes_header":"3f","length":63}]""";
    private const string OfAnUnknownSuite = """[{"cipher_suite":61440,"psks":[],"psk_secret":""}]""";

    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-interop-").FullName;

    [Fact]
    public async Task GoodFilesPassEachOnItsLine()
    {
        string one = Write("one.json", Good), two = Write("two.json", Good);
        var (exitCode, output, errors) = await InteropProgram.RunAsync("vectors", one, two);
        Assert.Equal($"{one}: 2 passed, 0 failed, 0 skipped\n{two}: 2 passed, 0 failed, 0 skipped\n", output.ReplaceLineEndings("\n"));
        Assert.Equal((0, ""), (exitCode, errors));
    }

    [Fact]
    public async Task ADamagedFileFailsAndSaysWhere()
    {
        string damaged = Write("damaged.json", Good.Replace("63", "62", StringComparison.Ordinal)), good = Write("good.json", Good);
        var (exitCode, output, errors) = await InteropProgram.RunAsync("vectors", damaged, good);
        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{damaged}: 1 passed, 1 failed, 0 skipped", output, StringComparison.Ordinal);
        Assert.Contains($"{good}: 2 passed, 0 failed, 0 skipped", output, StringComparison.Ordinal);
        Assert.StartsWith($"{damaged}: case 1: Failed: length is not as published", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("[{}]")]
    public async Task AFileInNoFormatFails(string content)
    {
        string file = Write("other.json", content);
        var (exitCode, output, errors) = await InteropProgram.RunAsync("vectors", file);
        Assert.Equal(1, exitCode);
        Assert.Equal($"{file}: 0 passed, 1 failed, 0 skipped", output.TrimEnd());
        Assert.StartsWith(file, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnknownSuiteIsSkippedWithAReason()
    {
        string file = Write("suite.json", OfAnUnknownSuite);
        var (exitCode, output, errors) = await InteropProgram.RunAsync("vectors", file);
        Assert.Equal(0, exitCode);
        Assert.Equal($"{file}: 0 passed, 0 failed, 1 skipped", output.TrimEnd());
        Assert.Contains("61440", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("usage:")]
    [InlineData("vectors needs one file or more", "vectors")]
    [InlineData("there is no file /no/such/file", "vectors", "/no/such/file")]
    [InlineData("serve needs --port N", "serve")]
    [InlineData("65536 is no port", "serve", "--port", "65536")]
    [InlineData("there is no command other", "other")]
    public async Task WrongUsageIsExplained(string why, params string[] arguments)
    {
        var (exitCode, output, errors) = await InteropProgram.RunAsync(arguments);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(why, errors, StringComparison.Ordinal);
        Assert.Contains("usage:", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APortInUseIsSaidInOneLine()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        var (exitCode, output, errors) = await InteropProgram.RunAsync("serve", "--port", port.ToString(CultureInfo.InvariantCulture));
        Assert.Equal((1, "", $"port {port} is in use; --port 0 takes one that is free"), (exitCode, output, errors.TrimEnd()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
