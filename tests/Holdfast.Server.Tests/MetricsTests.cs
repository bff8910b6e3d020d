using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>Totals, and never who.</summary>
public sealed partial class MetricsTests
{
    /// <summary>Two people meet and talk; of neither is anything in what is told, and what is told is right.</summary>
    [Fact]
    public async Task TotalsAreToldAndNothingOfWhoDidWhat()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync();
        await using var bob = await server.ConnectAsync();
        var (log, key) = await alice.NewLogAsync();
        await bob.SubscribeAsync(log, key);
        (await bob.HttpAsync(Rest.KeyPackages, new KeyPackageUpload([new byte[100], new byte[101]], new byte[102]))).EnsureSuccessStatusCode();
        (await alice.HttpAsync(HttpMethod.Post, Rest.Claim(bob.Device!.Pin))).EnsureSuccessStatusCode();
        var commit = Posts.Commit(log, 0, Device.NewKey(), Posts.To(bob.Device.Id));
        await alice.PostAsync(commit);
        Assert.IsType<HeadMoved>(await bob.AskAsync(request => new SubmitPost(request, Posts.Application(log, 0))));
        var message = Posts.Application(log, 1);
        await bob.PostAsync(message);
        var blob = BlobId.Of(RandomSource.System.PublicBytes(16));
        (await alice.HttpAsync(Rest.Blobs + blob, new BlobCreation(3, SHA256.HashData([1]), ExpiryBucket.Day))).EnsureSuccessStatusCode();
        using (var append = alice.Request(HttpMethod.Patch, Rest.Blobs + blob, new ByteArrayContent(new byte[3])))
        {
            append.Headers.Add(Rest.UploadOffset, "0");
            (await alice.HttpAsync(append)).EnsureSuccessStatusCode();
        }
        await Refusals.ExpectAsync(await alice.HttpAsync(HttpMethod.Post, Rest.Claim(Pin.FromRandom(new byte[8]))), RefusalCode.UnknownPin);

        string text = await ReadAsync(server);
        var samples = Samples(text);
        Assert.Equal(2, samples["holdfast_posts_accepted_total"]);
        Assert.Equal(1, samples["holdfast_posts_head_moved_total"]);
        Assert.Equal(0, samples["""holdfast_posts_refused_total{code="no-access"}"""]);
        Assert.Equal(1, samples["""holdfast_refusals_total{code="unknown-pin"}"""]);
        Assert.Equal(2, samples["holdfast_connections"]);
        Assert.Equal(2, samples["holdfast_logins_total"]);
        Assert.Equal(2, samples["holdfast_invites_used_total"]);
        Assert.Equal(1, samples["holdfast_key_packages_claimed_total"]);
        Assert.Equal(3, samples["holdfast_blob_bytes_received_total"]);
        Assert.Equal(4, samples["holdfast_pushes_total"]);
        Assert.Equal(server.Node.Writer.Commits, (long)samples["holdfast_transactions_total"]);
        Assert.Equal(samples["holdfast_transactions_total"], samples["holdfast_transaction_seconds_count"]);
        Assert.InRange(samples["holdfast_frame_bytes_received_total"], 500, 5000);
        Assert.InRange(samples["holdfast_frame_bytes_sent_total"], 500, 5000);

        string[] forbidden =
        [
            .. new[] { alice.Device!, bob.Device }.SelectMany(static device => new[] { $"{device.Pin}", $"{device.Id}" }),
            $"{log}", $"{blob}", $"{message.Id}", $"{commit.Id}", "127.0.0.1", "::1", "localhost",
        ];
        foreach (string secret in forbidden) Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        foreach (string line in text.Split('\n').Where(static line => !line.StartsWith('#') && line.Length > 0))
            Assert.Matches(PlainSample(), line);
    }

    /// <summary>A name is promised to whoever watches it: it is added to, and changed only with the list.</summary>
    [Fact]
    public async Task TheNamesAreTheOnesPromised()
    {
        await using var server = await StartAsync();
        string golden = Path.Combine(AppContext.BaseDirectory, "metrics.golden");
        var names = (await ReadAsync(server)).Split('\n').Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(static line => line["# TYPE ".Length..]);
        Assert.Equal(await File.ReadAllLinesAsync(golden, TestContext.Current.CancellationToken), names);
    }

    [Fact]
    public async Task TheyAreToldOnTheirOwnAddressAndNowhereElse()
    {
        await using var server = await StartAsync();
        using var outside = await server.Endpoint.Http.GetAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
        using var http = new HttpClient { BaseAddress = server.MetricsAddress };
        foreach (string path in new[] { "/", Rest.Health, Rest.Accounts, Rest.Connect, "/metrics/x" })
            Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        using var posted = await http.PostAsync(new Uri("/metrics", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, posted.StatusCode);
        await using var without = await TestServer.StartOneAsync();
        Assert.Null(without.MetricsAddress);
    }

    [Theory]
    [InlineData("http://0.0.0.0:9464"), InlineData("http://192.0.2.1:9464"), InlineData("https://127.0.0.1:9464"), InlineData("http://localhost:9464")]
    public void AnAddressThatOthersReachIsRefused(string address) =>
        Assert.Throws<UsageException>(() => CommandLine.Parse(["run", "--data", "x", "--metrics", address]));

    private static Task<TestServer> StartAsync() => TestServer.StartOneAsync(options => options with { Metrics = new Uri("http://127.0.0.1:0") });

    private static async Task<string> ReadAsync(TestServer server)
    {
        using var http = new HttpClient { BaseAddress = server.MetricsAddress };
        return await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
    }

    private static Dictionary<string, double> Samples(string text) => text.Split('\n').Where(static line => line.Length > 0 && line[0] != '#')
        .Select(static line => line.Split(' ')).ToDictionary(static part => part[0], static part => double.Parse(part[1], CultureInfo.InvariantCulture));

    /// <summary>A name, at most one label whose value is a word or a bound, and a number.</summary>
    [GeneratedRegex("""^[a-z][a-z0-9_]*(\{(code|limit)="[a-z-]+"\}|\{le="([0-9.]+|\+Inf)"\})? [0-9.E+-]+$""", RegexOptions.NonBacktracking)]
    private static partial Regex PlainSample();
}
