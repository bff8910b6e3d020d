using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>The search itself: what it would miss, the scenario would miss.</summary>
public sealed class NeedleTests
{
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>Ways in which a secret may have been written.</summary>
    public static TheoryData<string> Writings => ["raw", "hex", "HEX", "base64", "base64 +1", "base64 +2", "url", "url +1", "url +2", "hex in UTF-16"];

    /// <summary>Each is found, wherever it stands.</summary>
    [Theory, MemberData(nameof(Writings))]
    public void FindsASecretHoweverItIsWritten(string writing)
    {
        var needles = new Needles();
        needles.Add("secret", Secret);
        byte[] written = Write(writing);
        for (int before = 0; before < 9; before++)
            Assert.NotEmpty(needles.FindAll((byte[])[.. new byte[before], .. written, 7, 7]));
    }

    /// <summary>What is cut off by one byte is not found, and neither is noise.</summary>
    [Fact]
    public void FindsNothingWhereNothingIs()
    {
        var needles = new Needles();
        needles.Add("secret", Secret);
        Assert.Empty(needles.FindAll(Secret.AsMemory(..^1)));
        Assert.Empty(needles.FindAll(RandomNumberGenerator.GetBytes(1 << 20)));
    }

    /// <summary>Files are read in pieces; what lies across two is found once.</summary>
    [Theory, InlineData((16 << 20) - 5), InlineData((16 << 20) - 4096), InlineData(16 << 20), InlineData(17 << 20)]
    public void FindsWhatLiesAcrossPieces(int offset)
    {
        using var folder = new WorkFolder();
        byte[] content = new byte[18 << 20];
        Secret.CopyTo(content, offset);
        File.WriteAllBytes(Path.Combine(folder.Path, "file"), content);
        var needles = new Needles();
        needles.Add("secret", Secret);
        Assert.Contains($"at {offset}:", new LeakScan(needles).Find(folder.Path)[0], StringComparison.Ordinal);
    }

    private static byte[] Write(string writing)
    {
        int before = writing.EndsWith("+1", StringComparison.Ordinal) ? 1 : writing.EndsWith("+2", StringComparison.Ordinal) ? 2 : 0;
        byte[] around = [.. new byte[] { 0xfb, 0xef }[..before], .. Secret, 0xff];
        return writing.Split(' ')[0] switch
        {
            "raw" => Secret,
            "HEX" => Encoding.ASCII.GetBytes(Convert.ToHexString(Secret)),
            "hex" when writing.Contains("UTF", StringComparison.Ordinal) => Encoding.Unicode.GetBytes(Convert.ToHexStringLower(Secret)),
            "hex" => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Secret)),
            "base64" => Encoding.ASCII.GetBytes(Convert.ToBase64String(around)),
            _ => Encoding.ASCII.GetBytes(Convert.ToBase64String(around).Replace('+', '-').Replace('/', '_')),
        };
    }
}
