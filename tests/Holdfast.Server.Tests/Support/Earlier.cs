using System.Text.RegularExpressions;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Server.Tests.Support;

/// <summary>What a server of an earlier version had stored, as SQL, and the keys of the one who used it: what was there is asked for as its owner does.</summary>
internal static partial class Earlier
{
    private static readonly LogId Log = LogId.Of(Filled(16, 0x10));
    private static readonly BlobId Blob = BlobId.Of(Filled(16, 0x51));

    /// <summary>The bytes of the one blob.</summary>
    public static readonly byte[] BlobBytes = [0x53, 0x54, 0x55, 0x56];

    /// <summary>Versions of which there is one.</summary>
    public static IEnumerable<int> Versions(string database) => Directory.EnumerateFiles(Folder, $"{database}-*.sql")
        .Select(static file => int.Parse(Number().Match(file).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).Order();

    /// <summary>What made it.</summary>
    public static string Sql(string database, int version) => File.ReadAllText(Path.Combine(Folder, $"{database}-{version}.sql"));

    /// <summary>All that there was is there for its owner, and goes on.</summary>
    public static async Task VerifyAsync(Endpoint endpoint)
    {
        var scheme = new Ed25519();
        var device = new Device
        {
            Id = DeviceId.Of(Filled(16, 0xd0)), Identity = scheme.Import(Filled(32, 1)), LoginKey = scheme.Import(Filled(32, 2)), Counter = 7,
        };
        Assert.True(Pin.TryParse("00000000", out var pin, out _));
        device.Pin = pin;
        await using var session = await device.ConnectAsync(endpoint);
        Assert.Equal(2, session.LoggedIn!.KeyPackages);
        Assert.Equal(2ul, (await session.SubscribeAsync(Log, scheme.Import(Filled(32, 4)))).Head);
        Assert.Equal(2ul, (await session.SubscribeAsync(Log, scheme.Import(Filled(32, 3)))).Head);
        Assert.Equal(
            [(2ul, PostKind.Application, Convert.ToHexString(Filled(50, 0x32)))],
            (await session.ReadAllAsync(Log, 1)).Select(static entry => (entry.Position, entry.Kind, Convert.ToHexString(entry.Bytes.Span))));
        var item = Assert.Single((await session.AskAsync<InboxItems>(request => new ReadInbox(request))).Items);
        Assert.Equal(Filled(60, 0x42), item.Bytes.ToArray());
        using (var download = await session.HttpAsync(HttpMethod.Get, Rest.Blobs + Blob))
            Assert.Equal(BlobBytes, await download.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        var claimed = new List<int>();
        for (int i = 0; i < 3; i++) claimed.Add((await ClaimAsync(session)).Span[0]);
        Assert.Equal([0xe1, 0xe2, 0xe3], claimed.Order());
        Assert.Equal(0xe3, claimed[^1]);
        Assert.Equal(3ul, await session.PostAsync(Posts.Application(Log, 2)));
    }

    private static async Task<ReadOnlyMemory<byte>> ClaimAsync(Session session)
    {
        using var response = await session.HttpAsync(HttpMethod.Post, Rest.Claim(session.Device!.Pin));
        var packages = Codec.Tls.Decode<ClaimedKeyPackages>(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Packages;
        return Assert.Single(packages);
    }

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Formats");

    private static byte[] Filled(int size, byte value)
    {
        byte[] bytes = new byte[size];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    [GeneratedRegex(@"-([0-9]+)\.sql$")]
    private static partial Regex Number();
}
