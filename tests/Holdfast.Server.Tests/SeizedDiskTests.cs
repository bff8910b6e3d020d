using Holdfast.Protocol;
using Holdfast.Server.Storage;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>What the server's disk must not tell, whatever it has been through.</summary>
[Trait(Place.Trait, Place.Sqlite)]
public sealed class SeizedDiskTests
{
    private static readonly string[] OfLogs = ["log", "access_key"];
    private static readonly string[] OfPeople = ["pin", "device", "identity_key", "login_key", "delivery_key", "account", "member", "sender", "claimer", "uploader", "inviter"];

    [Fact]
    public async Task NoTableOrIndexJoinsAPersonToALogABlobOrAnInvite()
    {
        await using var server = await TestServer.StartAsync();
        await server.StopAsync();
        using var database = Database.Open(server.Options.DatabaseFile);
        var columns = database.Prepare("SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'")
            .Start().All(row => (Table: row.Text(0), Column: row.Text(1))).ToLookup(row => row.Table, row => row.Column);
        Assert.Equal(["access_keys", "accounts", "blobs", "devices", "entries", "entry_expiries", "entry_ids", "entry_positions", "inbox", "invites", "key_packages", "logs", "settings", "settled"], columns.Select(table => table.Key).Order());
        foreach (var table in columns)
        {
            Assert.False(table.Intersect(OfLogs).Any() && table.Intersect(OfPeople).Any(), $"{table.Key} joins a person to a log");
            Assert.Equal(table.Key is "accounts" or "devices" or "inbox" or "key_packages", table.Intersect(OfPeople).Any());
        }
        Assert.Equal(["device", "pin", "login_key", "login_counter", "delivery_key"], columns["devices"]);
        Assert.Equal(["device", "id", "last_day", "bytes"], columns["inbox"]);
        Assert.Equal(["id", "size", "delete_token_hash", "expires_hour"], columns["blobs"]);
        Assert.Equal(["token_hash", "uses", "last_day"], columns["invites"]);
        Assert.Equal(0, database.Scalar("SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')"));
    }

    [Fact]
    public async Task OnlyEntriesAreInOrderOfArrival()
    {
        await using var server = await TestServer.StartAsync();
        await server.StopAsync();
        using var database = Database.Open(server.Options.DatabaseFile);
        var ordered = database.Prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND wr = 0 AND name NOT LIKE 'sqlite_%'")
            .Start().All(row => row.Text(0));
        Assert.Equal(["entries"], ordered);
    }

    [Fact]
    public async Task DeletedContentIsOverwrittenAndEveryConnectionIsDurable()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var item = Posts.To(session.Device!.Id, 50_000);
        await session.AskAsync<Done>(request => new SubmitDeliveries(request, [item]));
        await Eventually.Async(() => Task.FromResult(Disk.Contains(server.Options, item.Bytes.Span[..32])));
        var waiting = Assert.Single((await session.AskAsync<InboxItems>(request => new ReadInbox(request))).Items);
        await session.AskAsync<Done>(request => new InboxDone(request, [waiting.Id]));
        await server.StopAsync();
        Assert.False(Disk.Contains(server.Options, item.Bytes.Span[..32]));
        using var database = Database.Open(server.Options.DatabaseFile);
        Assert.Equal(1, database.Scalar("PRAGMA secure_delete"));
        Assert.Equal(2, database.Scalar("PRAGMA synchronous"));
    }

    /// <summary>The write-ahead log shows which pages one transaction touched, so it does not stay.</summary>
    [Fact]
    public async Task TheWriteAheadLogIsEmptiedSoonAfterADelivery()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        await session.PostAsync(Posts.Commit(log, 0, Device.NewKey(), Posts.To(session.Device!.Id)));
        await ExpectEmptyLogAsync(server);
    }

    /// <summary>It shows the order of transactions, too: a login, then an entry of one of that device's conversations.</summary>
    [Fact]
    public async Task TheWriteAheadLogIsEmptiedSoonAfterALogin()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var (log, _) = await session.NewLogAsync();
        await ExpectEmptyLogAsync(server);
        await using var other = await session.Device!.ConnectAsync(server.Endpoint);
        await ExpectEmptyLogAsync(server);
    }

    private static Task ExpectEmptyLogAsync(TestServer server)
    {
        var wal = new FileInfo(server.Options.DatabaseFile + "-wal");
        return Eventually.Async(() =>
        {
            wal.Refresh();
            return Task.FromResult(wal.Length == 0);
        });
    }

    [Fact]
    public async Task AClaimAndAUsedInviteLeaveNothingBehind()
    {
        await using var server = await TestServer.StartAsync();
        await using var owner = await server.ConnectAsync();
        await using var claimer = await server.ConnectAsync();
        byte[] package = Holdfast.Cryptography.RandomSource.System.PublicBytes(400);
        (await owner.HttpAsync(Rest.KeyPackages, new KeyPackageUpload([package], default))).EnsureSuccessStatusCode();
        (await claimer.HttpAsync(HttpMethod.Post, Rest.Claim(owner.Device!.Pin))).EnsureSuccessStatusCode();
        byte[] hash = InviteSecret.TokenHash(Device.Link(server.OwnerInvite!));
        await Device.JoinAsync(server.Endpoint, server.OwnerInvite!);
        await server.StopAsync();
        Assert.False(Disk.Contains(server.Options, package.AsSpan(0, 32)));
        Assert.False(Disk.Contains(server.Options, hash));
    }
}
