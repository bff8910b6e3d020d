using System.Text;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>What is written into diagnostics by ToString says which and how large, never what.</summary>
public sealed class SilenceTests
{
    private static readonly MimiContent Content = MimiContent.Of(Specimens.Bytes(16), "mimi://sentinel", "mimi://sentinel", new MultiPart(
        Disposition.Render, "sentinel", PartSemantics.ProcessAll,
        [
            SinglePart.OfText(Disposition.Render, "text/sentinel", "sentinel"), new NullPart(Disposition.Render, "sentinel"),
            new ExternalPart(
                Disposition.Attachment, "sentinel", "text/sentinel", "https://sentinel", 0, 0, AeadAlgorithm.Aes256Gcm, Specimens.Bytes(32),
                Specimens.Bytes(12), Specimens.Bytes(9), 1, Specimens.Bytes(32), "sentinel", "sentinel"),
        ])).With(ContentExtension.OfText(ExtensionKey.Named("sentinel"), "sentinel"));

    public static TheoryData<string, object> Structures =>
    [
        .. Specimens.ClientFrames.Cast<object>().Concat(Specimens.ServerFrames).Concat(Specimens.VaultCalls).Concat(Specimens.VaultReplies).Concat(Specimens.TokenCalls)
            .Concat(Specimens.TokenReplies)
            .Append(Content).Append(new Card(Pin.FromRandom(new byte[7]), Specimens.Bytes(32), "Sentinel", Specimens.Bytes(64)))
            .Append(new Invite("https://localhost:1", Specimens.Bytes(32), Specimens.Bytes(16), null))
            .Select((structure, i) => new TheoryDataRow<string, object>($"{i} {structure.GetType().Name}", structure)),
    ];

    [Theory, MemberData(nameof(Structures), DisableDiscoveryEnumeration = true)]
    public void PrintsNoWordAndNoKey(string name, object structure)
    {
        Assert.NotEmpty(name);
        foreach (object node in Graph.Walk(structure).Where(node => node is not string and not ReadOnlyMemory<byte>))
        {
            string printed = $"{node}";
            foreach (string secret in Spellings()) Assert.DoesNotContain(secret, printed, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>The test above can fail only where the sentinel is.</summary>
    [Theory, MemberData(nameof(Structures), DisableDiscoveryEnumeration = true)]
    public void EveryTextOfASpecimenIsSentinel(string name, object structure)
    {
        Assert.NotEmpty(name);
        foreach (string text in Graph.Walk(structure).OfType<string>().Where(text => text.Length > 0 && text != "https://localhost:1" && text != SinglePart.Markdown))
            Assert.Contains(Specimens.Sentinel, text, StringComparison.OrdinalIgnoreCase);
        foreach (var bytes in Graph.Walk(structure).OfType<ReadOnlyMemory<byte>>().Where(bytes => bytes.Length >= Specimens.Sentinel.Length && structure is not MimiContent))
            Assert.Contains(Specimens.Sentinel, Encoding.ASCII.GetString(bytes.Span), StringComparison.Ordinal);
    }

    private static string[] Spellings()
    {
        byte[] bytes = Encoding.ASCII.GetBytes(Specimens.Sentinel);
        return [Specimens.Sentinel, Convert.ToHexString(bytes), Convert.ToBase64String(bytes)[..8], string.Join(", ", bytes)];
    }
}
