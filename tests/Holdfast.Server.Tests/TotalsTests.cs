using System.Text.Json;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

[Trait(Place.Trait, Place.Sqlite)]
public sealed class TotalsTests
{
    [Fact]
    public async Task TotalsAreCountedBesideARunningServerAndNameNobody()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, key) = await session.NewLogAsync();
        await session.PostAsync(Posts.Application(log, 0, 1000, ExpiryBucket.Hour));
        await session.PostAsync(Posts.Application(log, 0, 500));
        await session.AskAsync<Done>(request => new SubmitDeliveries(request, [Posts.To(session.Device!.Id, 300)]));
        var (code, output, errors) = await ServerProcess.RunAsync("stats", "--data", server.Options.Data, "--json");
        Assert.Equal((0, ""), (code, errors));
        var totals = JsonSerializer.Deserialize<Dictionary<string, long>>(output)!;
        Assert.Equal((1, 1, 1, 2, 1500), (totals["accounts"], totals["devices"], totals["conversations"], totals["entries"], totals["entry_bytes"]));
        Assert.Equal((1, 300, 0), (totals["inbox_items"], totals["inbox_bytes"], totals["files"]));
        Assert.Equal((1, 1, 1), (totals["entries_gone_within_a_day"], totals["entries_gone_within_a_week"], totals["inbox_items"]));
        var (_, text, _) = await ServerProcess.RunAsync("stats", "--data", server.Options.Data);
        Assert.Matches("(?m)^accounts +1$", text);
        foreach (string id in new[] { session.Device!.Pin.ToString(), session.Device.Id.ToString(), log.ToString(), Convert.ToHexStringLower(key.PublicKey.Span) })
            Assert.DoesNotContain(id, output + text, StringComparison.OrdinalIgnoreCase);
    }

    [Theory, InlineData("stats"), InlineData("stats --data"), InlineData("stats --data x --to y"), InlineData("backup --data x"), InlineData("restore --data x --to y")]
    public async Task WrongUsageIsTwo(string line)
    {
        var (code, output, errors) = await ServerProcess.RunAsync(line.Split(' '));
        Assert.Equal((2, ""), (code, output));
        Assert.NotEmpty(errors);
    }
}
