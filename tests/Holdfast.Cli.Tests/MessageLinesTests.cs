using System.Text.Json;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Tests;

public class MessageLinesTests
{
    private static readonly DateTimeOffset SentAt = new(2026, 3, 1, 12, 30, 15, 42, TimeSpan.FromHours(2));

    private static readonly MessageAnswer Message = new(
        "0011", "Team", 7, "abcd", "7K3PQ2M9", "Alice", "ef", SentAt, "text", "received", "hello", null);

    public static TheoryData<string> Hostile => [.. HostileText.All];

    [Fact]
    public void AHeadingStandsWhereTheConversationChanges()
    {
        var lines = new MessageLines();
        Assert.StartsWith("== Team ==\n[7] ", lines.Next(Message), StringComparison.Ordinal);
        Assert.StartsWith("[8] ", lines.Next(Message with { Position = 8 }), StringComparison.Ordinal);
        Assert.StartsWith("\n== Other ==\n[1] ", lines.Next(Message with { Conversation = "22", ConversationName = "Other", Position = 1 }), StringComparison.Ordinal);
    }

    [Fact]
    public void HowToKeepAFileMeansTheProfileThatIsRead() => Assert.EndsWith(
        "holdfast save abcd DIR --profile work",
        new MessageLines(" --profile work").Next(Message with { Kind = "attachment", File = new("plan.pdf", "application/pdf", 1) }), StringComparison.Ordinal);

    [Fact]
    public void AMessageCannotPassForTwo()
    {
        string shown = new MessageLines().Next(Message with { Text = "hi\n[8] 2026-03-01 12:31 Bob: I agree\n== Other ==" });
        Assert.Equal(2, shown.Split('\n').Skip(2).Count(line => line.StartsWith("  | ", StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Hostile))]
    public void WhateverFieldIsHostileNothingReachesTheTerminal(string text)
    {
        MessageAnswer[] messages =
        [
            Message with { Text = text }, Message with { FromName = text }, Message with { ConversationName = text },
            Message with { Kind = "attachment", File = new(text, text, 1) }, Message with { Kind = "members", Text = text },
            Message with { Kind = text, Text = text, Id = text, Status = text }, Message with { Status = "failed", Reason = text },
        ];
        foreach (string shown in messages.Select(message => new MessageLines().Next(message)))
            Assert.DoesNotContain(shown, c => c != '\n' && char.IsControl(c));
    }

    [Theory, MemberData(nameof(Hostile))]
    public void ColumnsShowNamesHarmlessly(string text) =>
        Assert.All(Columns.Of([[text, "b"], ["a", text]]), line => Assert.DoesNotContain(line, char.IsControl));

    [Fact]
    public void AFileSaysHowToKeepIt()
    {
        string shown = new MessageLines().Next(Message with { Kind = "attachment", File = new("plan.pdf", "application/pdf", 1_234_567) });
        Assert.Contains("plan.pdf (1.2 MB), to keep it: holdfast save abcd DIR", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatWasNotSentSaysWhy()
    {
        var message = Message with { Position = 0, Status = "failed", Reason = "You were removed before it was sent." };
        Assert.Matches(@"^== Team ==\n\[not sent\] .*Alice: hello\n  \| \(You were removed before it was sent\.\)$", new MessageLines().Next(message));
        using var json = JsonDocument.Parse(AnswerJson.Of(message));
        Assert.Equal("You were removed before it was sent.", json.RootElement.GetProperty("reason").GetString());
    }

    [Fact]
    public void AMessageInJsonHasTheFieldsScriptsLeanOn()
    {
        using var json = JsonDocument.Parse(AnswerJson.Of(Message with { Kind = "attachment", File = new("a.png", "image/png", 5) }));
        var root = json.RootElement;
        Assert.Equal(
            ["conversation", "conversation_name", "position", "id", "from", "from_name", "device", "sent_at", "kind", "text", "file_name", "media_type", "size", "status"],
            root.EnumerateObject().Select(member => member.Name));
        Assert.Equal("2026-03-01T10:30:15.042Z", root.GetProperty("sent_at").GetString());
        Assert.Equal(7, root.GetProperty("position").GetInt64());
        Assert.Equal(5, root.GetProperty("size").GetInt64());
    }

    [Theory]
    [InlineData(0UL, "0 B")]
    [InlineData(999UL, "999 B")]
    [InlineData(1_000UL, "1.0 KB")]
    [InlineData(999_499UL, "999 KB")]
    [InlineData(999_600UL, "1.0 MB")]
    [InlineData(12_345_678UL, "12.3 MB")]
    [InlineData(ulong.MaxValue, "18446744 TB")]
    public void SizesAreShort(ulong bytes, string shown) => Assert.Equal(shown, ByteCount.Of(bytes));
}
