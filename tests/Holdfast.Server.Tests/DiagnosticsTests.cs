using System.Text.Json;
using System.Text.RegularExpressions;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Seizure;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>What the server says of itself: what happened, and not to whom.</summary>
public sealed partial class DiagnosticsTests
{
    [Theory]
    [InlineData("json"), InlineData("text")]
    public async Task AStoryLeavesNothingOfWhoDidWhatInThem(string format)
    {
        string folder = TestServer.NewFolder();
        string[] said;
        await using (var server = await ServerProcess.StartAsync(folder, "https://127.0.0.1:0", "--log-format", format))
        {
            await using var story = await Story.PlayAsync(server.Endpoint, server.OwnerInvite!, TimeProvider.System);
            await using (var stranger = await Session.OpenAsync(server.Endpoint)) Assert.IsType<Refused>(await new Device().LoginAsync(server.Endpoint, stranger));
            await Refusals.ExpectAsync(await new Device().RegisterAsync(server.Endpoint, new byte[16]), RefusalCode.BadInvite);
            Assert.Equal(0, await server.EndAsync());
            said = [.. (await server.ErrorsAsync()).Where(static line => line.Length > 0)];
            string[] known = [.. story.Truth().Values.SelectMany(static facts => facts).SelectMany(static fact => fact.Split(' ')).Where(static word => word.Length >= 8 && word.Any(char.IsAsciiDigit))];
            Assert.NotEmpty(known);
            foreach (string line in said)
            {
                Assert.DoesNotMatch(Telling(), line);
                foreach (string word in known) Assert.DoesNotContain(word, line, StringComparison.OrdinalIgnoreCase);
            }
        }
        Assert.Contains(said, static line => line.Contains("Stopped", StringComparison.Ordinal));
        if (format == "json") Assert.All(said, CheckJson);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The message of an exception may name a file, and a file may be named after a blob.</summary>
    [Fact]
    public void AFaultIsToldByKindAndPlaceAndNotByItsMessage()
    {
        const string Name = "0123456789abcdef0123456789abcdef";
        string fault = "";
        try
        {
            try { throw new FileNotFoundException(Name, Name); }
            catch (FileNotFoundException inner) { throw new InvalidOperationException(Name, inner); }
        }
        catch (InvalidOperationException failure) { fault = Fault.Of(failure); }
        Assert.StartsWith("InvalidOperationException of FileNotFoundException", fault, StringComparison.Ordinal);
        Assert.Contains(nameof(AFaultIsToldByKindAndPlaceAndNotByItsMessage), fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Name, fault, StringComparison.Ordinal);
    }

    private static void CheckJson(string line)
    {
        using var entry = JsonDocument.Parse(line);
        Assert.Equal(JsonValueKind.Object, entry.RootElement.ValueKind);
        foreach (string name in new[] { "Timestamp", "EventId", "LogLevel", "Message" }) Assert.True(entry.RootElement.TryGetProperty(name, out _), name);
    }

    /// <summary>An id, a key or an address.</summary>
    [GeneratedRegex(@"[0-9A-Fa-f]{16,}|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|::|localhost", RegexOptions.NonBacktracking)]
    private static partial Regex Telling();
}
