using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.Store.Bench;

/// <summary>A vault in this process.</summary>
internal sealed class InProcess(string folder) : IVault
{
    private readonly Vault.Monitor _monitor = new(folder, RandomSource.System, TimeProvider.System, PasscodeCost.Least);

    internal OpenVault Opened => _monitor.Opened!;

    public byte[] Exchange(byte[] call) => Tls.Encode(_monitor.Answer(call.AsSpan(VaultFrame.HeaderBytes)));

    public void Dispose() => _monitor.Dispose();
}

/// <summary>Two people in a conversation of two, each with a vault, and what a server does for them.</summary>
internal sealed class Pair
{
    /// <summary>Anew each time: who is asked in this process wipes it.</summary>
    internal static byte[] Passcode => "pass"u8.ToArray();

    private readonly byte[] _serverKey = new byte[32];
    private ulong _position;

    internal Pair(IVault alice, IVault bob)
    {
        (Alice, Bob) = (alice, bob);
        Register(alice, "Alice", 1, null);
        Register(bob, "Bob", 2, alice);
        var begun = alice.Ask<Sealed>(new CreateConversation(null, [Claim(bob, 2)])).Item.Post;
        Log = begun.Log;
        Land(begun);
        bob.Ask<InboxOpened>(new OpenInbox([.. begun.Deliveries.Select(static delivery => new InboxItem(InboxItemId.Of(RandomSource.System.PublicBytes(16)), delivery.Bytes))]));
        bob.Ask<Opened>(new OpenEntries(Log, [Entry(begun, 1)]));
        foreach (var waiting in alice.Ask<Outbox>(new GetOutbox(0)).Posts)   // cards
        {
            ulong position = Land(waiting.Post);
            bob.Ask<Opened>(new OpenEntries(Log, [Entry(waiting.Post, position)]));
        }
    }

    internal IVault Alice { get; }

    internal IVault Bob { get; }

    internal LogId Log { get; }

    /// <summary>The log takes posts of Alice's: the entries that both are to open.</summary>
    internal List<LogEntry> Take(IEnumerable<OutboxPost> posts) => [.. posts.Select(item => Entry(item.Post, ++_position))];

    private ulong Land(Post post)
    {
        Alice.Ask<Opened>(new OpenEntries(Log, [Entry(post, ++_position)]));
        return _position;
    }

    private void Register(IVault vault, string name, ulong number, IVault? inviter)
    {
        vault.Ask<Ok>(new CreateProfile(Passcode, name));
        string link = inviter is null
            ? new Invite("https://127.0.0.1:1", _serverKey, new byte[16], null).ToLink()
            : inviter.Ask<InviteMade>(new MakeInvite("https://127.0.0.1:1", _serverKey, 7)).Link;
        vault.Ask<RegistrationReady>(new BeginRegistration(link));
        vault.Ask<Ok>(new CompleteRegistration(PinOf(number)));
        vault.Ask<LoginSigned>(new SignLogin(_serverKey, new byte[32]));
        vault.Ask<Ok>(new ReportLogin(LoginOutcome.Accepted));   // nothing is sealed before
        if (inviter is not null) vault.Ask<Ok>(new AddContact(Claim(inviter, 1), null));
        if (inviter is null) return;
        var items = vault.Ask<Outbox>(new GetOutbox(0)).Deliveries.SelectMany(static deliveries => deliveries.Deliveries)
            .Select(static delivery => new InboxItem(InboxItemId.Of(RandomSource.System.PublicBytes(16)), delivery.Bytes));
        inviter.Ask<InboxOpened>(new OpenInbox([.. items]));
    }

    private static Pin PinOf(ulong number) => Pin.FromRandom([.. BitConverter.GetBytes(number)]);

    private static Invitee Claim(IVault vault, ulong number) =>
        new(PinOf(number), new ClaimedKeyPackages([vault.Ask<KeyPackagesMade>(new MakeKeyPackages(1)).Upload.OneTime[0]]));

    private static LogEntry Entry(Post post, ulong position) => new(position, post.Id, post.Kind, post.Bytes);
}
