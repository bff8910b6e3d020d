namespace Holdfast.Client.Tests.Support;

/// <summary>A real server with two people who know each other, Alice and Bob, each with a real agent and vault.</summary>
internal sealed class TwoPeople : IAsyncDisposable
{
    private TwoPeople(RealServer server, Person alice, Person bob, TemporaryFolder folder) =>
        (Server, Alice, Bob, Folder) = (server, alice, bob, folder);

    public RealServer Server { get; }

    public Person Alice { get; }

    public Person Bob { get; }

    /// <summary>Where the server and both profiles lie; it goes with them.</summary>
    public TemporaryFolder Folder { get; }

    /// <summary>Alice has joined with the owner's invite, and Bob with hers.</summary>
    public static async Task<TwoPeople> MeetAsync()
    {
        var folder = new TemporaryFolder();
        var server = await RealServer.StartAsync(folder.Of("server"));
        var alice = await Person.JoinAsync(folder.Of("alice"), "Alice", server.OwnerInvite);
        return new(server, alice, await Person.JoinAsync(folder.Of("bob"), "Bob", await alice.InviteAsync()), folder);
    }

    public async ValueTask DisposeAsync()
    {
        await Alice.DisposeAsync();
        await Bob.DisposeAsync();
        await Server.DisposeAsync();
        Folder.Dispose();
    }
}
