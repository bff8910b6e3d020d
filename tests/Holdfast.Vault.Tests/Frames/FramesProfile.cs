using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Fuzz;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>
/// A profile with something in it, to which any frame may be sent: it is put back where a frame has ended or wiped it, or now and then,
/// for much of what is sent is well formed and does what it says.
/// </summary>
internal sealed class FramesProfile : IDisposable
{
    private static readonly byte[] Passcode = "pass"u8.ToArray();
    private static readonly Type[] Costly = [typeof(Unlock), typeof(CreateProfile), typeof(ChangeAccess), typeof(MakeKeyPackages), typeof(CreateConversation)];

    private readonly Organisation _organisation = new();
    private readonly SecretsGiven _random;
    private readonly string _template;
    private readonly List<(byte[] Call, bool IsCostly)> _calls;

    internal FramesProfile(int seed)
    {
        _random = new SecretsGiven(seed);
        var (alice, bob) = (_organisation.Join("Alice", _random), _organisation.Join("Bob"));
        var log = alice.Create("Team", bob);
        bob.Sync();
        alice.Say(log, "hello");
        bob.Say(log, "hello yourself");   // not read by her yet
        bob.Create(null, alice);
        var item = alice.Ask<Sealed>(new SealTexts(log, ["not sent yet"])).Item;
        var calls = CallsOf(alice, bob, log, item.Post.Id).ToList();
        Assert.DoesNotContain(
            typeof(VaultCall).Assembly.GetTypes(), type => type.IsSubclassOf(typeof(VaultCall)) && !calls.Exists(call => call.GetType() == type));
        _calls = [.. calls.Select(static call => (Tls.Encode(call), Costly.Contains(call.GetType())))];
        Folder = alice.Folder;
        alice.Dispose();
        _template = Path.Combine(_organisation.Folder, "template");
        Directory.CreateDirectory(_template);
        foreach (string file in Directory.EnumerateFiles(Folder)) File.Copy(file, Path.Combine(_template, Path.GetFileName(file)));
        _random.Keep();
    }

    /// <summary>The profile's vault folder.</summary>
    internal string Folder { get; }

    /// <summary>Where there is no profile.</summary>
    internal string EmptyFolder => Path.Combine(_organisation.Folder, "nobody");

    /// <summary>How often its store was opened.</summary>
    internal int Openings { get; set; }

    /// <summary>The same inputs for the same seed.</summary>
    internal FuzzRandom Choice => _random.Choice;

    /// <summary>Vaults of a profile that is open, of one that is not, and of none: as they were at first.</summary>
    internal (Monitor Open, Monitor Locked, Monitor Empty) Start()
    {
        Restore();
        if (Directory.Exists(EmptyFolder)) Directory.Delete(EmptyFolder, recursive: true);
        var monitors = (Make(Folder), Make(Folder), Make(EmptyFolder));
        Assert.IsType<Ok>(monitors.Item1.Answer(Opening));
        Assert.IsType<LoginSigned>(monitors.Item1.Answer(Tls.Encode<VaultCall>(new SignLogin(_organisation.ServerKey, new byte[32]))));
        Assert.IsType<Ok>(monitors.Item1.Answer(Tls.Encode<VaultCall>(new ReportLogin(LoginOutcome.Accepted))));   // or it seals nothing
        Openings++;
        return monitors;
    }

    /// <summary>The vault's main loop over these frames, in a folder that is as it was.</summary>
    internal int Serve(string folder, Stream input, Stream output)
    {
        if (folder == Folder) Restore();
        return VaultHost.Run(folder, input, output, _random, _organisation.Clock, Protections.None, PasscodeCost.Least);
    }

    /// <summary>One that was genuine, and mostly is not any more.</summary>
    internal byte[] NextCall()
    {
        var choice = _random.Choice;
        if (choice.OneIn(20)) _organisation.Clock.Advance(TimeSpan.FromSeconds(choice.Below(90)));
        if (choice.OneIn(10)) return [(byte)choice.Below(48), .. choice.PublicBytes(choice.Below(300))];
        var (call, isCostly) = choice.Of(_calls);
        if (isCostly && !choice.OneIn(50)) return ByteChange.Of([call[0], .. choice.PublicBytes(choice.Below(40))], choice);
        if (choice.OneIn(10)) return ByteChange.Splice(call, choice.Of(_calls).Call, choice);
        for (int changes = choice.Below(4); changes > 0; changes--) call = ByteChange.Of(call, choice);
        return call;
    }

    /// <summary>A genuine call that opens the profile.</summary>
    internal static byte[] Opening => Tls.Encode<VaultCall>(new Unlock(Passcode.ToArray()));

    /// <summary>Whether bytes hold a secret that the profile was made with.</summary>
    internal bool Tells(ReadOnlySpan<byte> bytes) => _random.IsIn(bytes);

    public void Dispose() => _organisation.Dispose();

    private Monitor Make(string folder) => new(folder, _random, _organisation.Clock, PasscodeCost.Least);

    private void Restore()
    {
        foreach (string file in Directory.EnumerateFiles(Folder)) File.Delete(file);
        foreach (string file in Directory.EnumerateFiles(_template)) File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
    }

    private IEnumerable<VaultCall> CallsOf(Person alice, Person bob, LogId log, MessageId id)
    {
        var claim = Organisation.Claim(bob);
        var entries = _organisation.Read(log, 0);
        byte[] other = [.. Passcode, 1];
        var pointer = new AttachmentPointer(BlobId.Of(new byte[16]), new byte[32], new byte[32], 5_000, new byte[16]);
        return
        [
            new GetStatus(), new CreateProfile(Passcode.ToArray(), "Carol"), new Unlock(Passcode.ToArray()), new Unlock(other),
            new BeginRegistration(new Invite("https://127.0.0.1:1", _organisation.ServerKey, new byte[16], null).ToLink()),
            new CompleteRegistration(alice.Pin), new MakeKeyPackages(3), new SignLogin(_organisation.ServerKey, new byte[32]), new ReportLogin(LoginOutcome.Accepted),
            new ReportLogin(LoginOutcome.Cloned),
            new SignSubscriptions(_organisation.ServerKey, new byte[32], [log, log]), new MakeInvite("https://127.0.0.1:1", _organisation.ServerKey, 7),
            new ListAll(Listed.Conversations), new ListAll(Listed.Contacts), new ListAll(Listed.Members, log), new ListAll(Listed.Due),
            new ReadHistory(log, 0, 100, false), new ReadHistory(log, 1, 2, true), new AddContact(claim, null),
            new AddContact(claim, new Invite("https://127.0.0.1:1", _organisation.ServerKey, new byte[16], null).ToLink()),
            new CreateConversation("Another", [claim]), new AddMembers(log, [claim]), new RemoveMember(log, bob.Pin), new RemoveMember(log, null),
            new SealTexts(log, ["one", "two"]), new NewAttachment(), new SealAttachment(log, new AttachmentInfo("plan.pdf", "application/pdf", 4_000), pointer),
            new FindAttachment(id), new GetOutbox(0), new Reseal(id), new LeaveOutbox(id, "no"), new LeaveOutbox(id, null), new OpenEntries(log, entries),
            new OpenInbox([.. _organisation.InboxOf(alice.Status.Device)]), new PerformDue(new DueWork(DueKind.Commit, log, default)),
            new PerformDue(new DueWork(DueKind.Readmit, log, id)), new EndVault(false), new EndVault(true),
            new ChangeAccess(Passcode.ToArray(), AccessChange.Passcode, other, 0), new ChangeAccess(Passcode.ToArray(), AccessChange.WipeAfter, default, 9),
            new ChangeAccess(Passcode.ToArray(), AccessChange.AutoLock, default, 9), new ListAll(Listed.Trail), new ReadHistory(null, 0, 10, true, "hello"),
            new ChangeAccess(Passcode.ToArray(), AccessChange.Token, "label"u8.ToArray(), 0) { TokenPin = other, Way = other }, new TokenAnswered(new byte[40]),
        ];
    }

    /// <summary>The same bytes for the same seed, and what was given out as a secret while the profile was made.</summary>
    private sealed class SecretsGiven(int seed) : RandomSource
    {
        private const int Fewest = 16;

        private readonly List<byte[]> _given = [];
        private bool _isKept;

        internal FuzzRandom Choice { get; } = new(seed);

        public override void FillSecret(Span<byte> target)
        {
            Choice.FillSecret(target);
            if (!_isKept && target.Length >= Fewest) _given.Add(target.ToArray());
        }

        public override void FillPublic(Span<byte> target) => Choice.FillPublic(target);

        internal void Keep()
        {
            _isKept = true;
            Assert.InRange(_given.Count, 10, 1_000);
            Assert.True(IsIn([1, .. _given[^1], 2]));
        }

        internal bool IsIn(ReadOnlySpan<byte> bytes)
        {
            foreach (byte[] secret in _given)
                if (bytes.IndexOf(secret) >= 0) return true;
            return false;
        }
    }
}
