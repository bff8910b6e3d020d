using System.Text;
using Holdfast.Cli.Terminal;
using Holdfast.Client;

namespace Holdfast.Cli.Tests;

public class Utf8LinesTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("\n\n\n", 0)]
    [InlineData("one", 1)]
    [InlineData("one\ntwo\n", 2)]
    [InlineData("one\r\n\r\ntwo\r\n", 2)]
    public async Task EmptyLinesAreLeftOut(string input, int lines) => Assert.Equal(lines, (await Read(Encoding.UTF8.GetBytes(input))).Count);

    [Fact]
    public async Task ALineKeepsItsSpacesAndLosesItsLineBreak() =>
        Assert.Equal(["  a  ", "ü"], await Read(Encoding.UTF8.GetBytes("  a  \r\nü\n")));

    [Fact]
    public async Task AByteOrderMarkIsNoPartOfTheFirstLine() => Assert.Equal(["a"], await Read([0xef, 0xbb, 0xbf, (byte)'a']));

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc3 })]
    [InlineData(new byte[] { 0xc0, 0x80 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    public async Task ALineThatIsNotUtf8IsNamedAfterTheOnesBeforeIt(byte[] bad)
    {
        var read = new List<string>();
        var failure = await Assert.ThrowsAsync<FaceException>(async () =>
        {
            await foreach (string line in Utf8Lines.ReadAsync(
                new MemoryStream([.. "one\n\ntwo\n"u8, .. bad, .. "\nfive"u8]), TestContext.Current.CancellationToken))
                read.Add(line);
        });
        Assert.Equal(["one", "two"], read);
        Assert.Contains("Line 4 ", failure.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, failure.Exit);
    }

    [Fact]
    public async Task ALineWithoutEndIsRefusedBeforeItFillsMemory() => await Assert.ThrowsAsync<FaceException>(
        () => Read(new byte[3 << 20].Select(_ => (byte)'x').ToArray()));

    [Fact]
    public async Task ALineThatIsTooLongIsNamedAfterTheOnesBeforeIt()
    {
        var read = new List<string>();
        string longest = new('x', Written.MostTextBytes);
        var failure = await Assert.ThrowsAsync<FaceException>(async () =>
        {
            byte[] input = System.Text.Encoding.UTF8.GetBytes($"one\n{longest}\r\n{longest}x\nfour\n");
            await foreach (string line in Utf8Lines.ReadAsync(new MemoryStream(input), TestContext.Current.CancellationToken)) read.Add(line);
        });
        Assert.Equal(["one", longest], read);
        Assert.Contains("Line 3 ", failure.Message, StringComparison.Ordinal);
        Assert.Contains("what follows it was not sent", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LinesOfSpacesAreLeftOut() => Assert.Equal(["a", "b"], await Read("a\n \t\n\u3000\nb"u8.ToArray()));

    private static async Task<List<string>> Read(byte[] input)
    {
        var lines = new List<string>();
        await foreach (string line in Utf8Lines.ReadAsync(new MemoryStream(input), TestContext.Current.CancellationToken)) lines.Add(line);
        return lines;
    }
}
