using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>
/// Some people with real vaults, and between them the one thing a server decides: the order of each log, and that a post which
/// has not seen the last commit is refused.
/// </summary>
internal sealed class Organisation : IDisposable
{
    private readonly Dictionary<LogId, List<LogEntry>> _logs = [];
    private readonly Dictionary<LogId, ulong> _heads = [];
    private readonly Dictionary<Pin, Person> _people = [];
    private readonly Dictionary<DeviceId, List<InboxItem>> _inboxes = [];
    private readonly Dictionary<DeviceId, ulong> _counters = [];
    private ulong _pins;

    internal TestClock Clock { get; } = new();

    internal byte[] ServerKey { get; } = new byte[32];

    internal string Folder { get; } = Directory.CreateTempSubdirectory("holdfast-vault-").FullName;

    /// <summary>A person with an account, whom the others have met.</summary>
    internal Person Join(string name, RandomSource? random = null)
    {
        var person = new Person(this, name, random);
        person.Ask<Ok>(new CreateProfile("pass"u8.ToArray(), name));
        var inviter = _people.Values.FirstOrDefault();
        string link = inviter is null
            ? new Invite("https://127.0.0.1:1", ServerKey, new byte[16], null).ToLink()
            : inviter.Ask<InviteMade>(new MakeInvite("https://127.0.0.1:1", ServerKey, 7)).Link;
        person.Ask<RegistrationReady>(new BeginRegistration(link));
        person.Pin = Pin.FromRandom([.. BitConverter.GetBytes(++_pins)]);
        person.Ask<Ok>(new CompleteRegistration(person.Pin));
        _people.Add(person.Pin, person);
        _inboxes.Add(person.Status.Device, []);
        person.LogIn();
        if (inviter is not null)
        {
            person.Ask<Ok>(new AddContact(Claim(inviter), null));
            person.Sync();
            inviter.Sync();
        }
        return person;
    }

    internal static Invitee Claim(Person person) =>
        new(person.Pin, new ClaimedKeyPackages([person.Ask<KeyPackagesMade>(new MakeKeyPackages(1)).Upload.OneTime[0]]));

    /// <summary>Whether the server takes a login: its counter is higher than any that the device has shown.</summary>
    internal bool Take(Login login)
    {
        bool isLatest = login.Counter > _counters.GetValueOrDefault(login.Device);
        if (isLatest) _counters[login.Device] = login.Counter;
        return isLatest;
    }

    internal IReadOnlyList<LogEntry> Read(LogId log, ulong after) => [.. LogOf(log).Where(entry => entry.Position > after)];

    /// <summary>The position, or null where a commit has landed that the sender had not seen.</summary>
    internal ulong? Submit(Post post)
    {
        var log = LogOf(post.Log);
        if (log.Find(entry => entry.Id == post.Id) is { } known) return known.Position;
        if (log.Any(entry => entry.Kind == PostKind.Commit && entry.Position > post.Position)) return null;
        ulong position = NextPosition(post.Log);
        log.Add(new LogEntry(position, post.Id, post.Kind, post.Bytes));
        File(post.Deliveries);
        return position;
    }

    /// <summary>Something that no vault made.</summary>
    internal void Inject(LogId log, PostKind kind, byte[] bytes) =>
        Inject(log, kind, MessageId.Of(RandomSource.System.PublicBytes(16)), bytes);

    internal void Inject(LogId log, PostKind kind, MessageId id, byte[] bytes) =>
        LogOf(log).Add(new LogEntry(NextPosition(log), id, kind, bytes));

    /// <summary>Retention has removed an entry.</summary>
    internal void Forget(LogId log, MessageId id) => LogOf(log).RemoveAll(entry => entry.Id == id);

    internal void File(IReadOnlyList<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
            _inboxes.GetValueOrDefault(delivery.Device)?.Add(new InboxItem(InboxItemId.Of(RandomSource.System.PublicBytes(16)), delivery.Bytes));
    }

    internal List<InboxItem> InboxOf(DeviceId device) => _inboxes[device];

    public void Dispose()
    {
        foreach (var person in _people.Values) person.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The position behind the last one ever given: what retention has removed leaves a gap.</summary>
    private ulong NextPosition(LogId log) => _heads[log] = _heads.GetValueOrDefault(log) + 1;

    private List<LogEntry> LogOf(LogId log) => _logs.TryGetValue(log, out var entries) ? entries : _logs[log] = [];
}

/// <summary>One person's vault, asked through its monitor as Client would.</summary>
internal sealed class Person : IDisposable
{
    private readonly Organisation _organisation;
    private readonly RandomSource? _random;
    private Monitor _monitor;

    internal Person(Organisation organisation, string name, RandomSource? random = null)
    {
        (_organisation, Name, _random) = (organisation, name, random);
        Folder = Path.Combine(organisation.Folder, name);
        _monitor = new Monitor(Folder, _random ?? Random, organisation.Clock, PasscodeCost.Least);
    }

    internal string Name { get; }

    internal FaultyRandom Random { get; } = new();

    internal string Folder { get; }

    internal Pin Pin { get; set; }

    internal bool HasEnded => _monitor.HasEnded;

    internal Status Status => Ask<Status>(new GetStatus());

    internal OpenVault Vault => _monitor.Opened!;

    internal VaultReply Ask(VaultCall call) => Tls.Decode<VaultReply>(Tls.Encode(_monitor.Answer(Tls.Encode(call))));

    internal T Ask<T>(VaultCall call) where T : VaultReply =>
        Ask(call) is var reply && reply is T expected ? expected : throw new InvalidOperationException(reply is Failed failed ? $"{failed.Error}: {failed.Reason}" : reply.ToString());

    internal Failed Fails(VaultCall call, VaultError error)
    {
        var failed = Ask<Failed>(call);
        Assert.Equal(error, failed.Error);
        Assert.NotEmpty(failed.Reason);
        return failed;
    }

    /// <summary>The vault ends without a word, and is started again.</summary>
    internal void Restart()
    {
        _monitor.Dispose();
        _monitor = new Monitor(Folder, _random ?? Random, _organisation.Clock, PasscodeCost.Least);
        Ask<Ok>(new Unlock("pass"u8.ToArray()));
        if (Status is { Pin: not null, Cloned: false }) LogIn();
    }

    /// <summary>A moment in which nothing is asked of the vault; whether it has more to do.</summary>
    internal bool Work() => _monitor.Work();

    /// <summary>The vault is ended in order.</summary>
    internal void Lock() => Ask<Ok>(new EndVault(false));

    /// <summary>Logs in, and says whether the server has taken it.</summary>
    internal bool LogIn()
    {
        bool taken = _organisation.Take((Login)Ask<LoginSigned>(new SignLogin(_organisation.ServerKey, new byte[32])).Login);
        Ask<Ok>(new ReportLogin(taken ? LoginOutcome.Accepted : LoginOutcome.Cloned));
        return taken;
    }

    /// <summary>A copy of the profile's files as they are, which nobody has opened yet.</summary>
    internal Person Copy(string name)
    {
        var copy = new Person(_organisation, name) { Pin = Pin };
        Directory.CreateDirectory(copy.Folder);
        foreach (string file in Directory.EnumerateFiles(Folder)) File.Copy(file, Path.Combine(copy.Folder, Path.GetFileName(file)));
        return copy;
    }

    /// <summary>The vault is opened, and no server has been asked.</summary>
    internal void Open() => Ask<Ok>(new Unlock("pass"u8.ToArray()));

    internal LogId Create(string? title, params Person[] members)
    {
        var item = Ask<Sealed>(new CreateConversation(title, [.. members.Select(Organisation.Claim)])).Item;
        Sync();
        return item.Post.Log;
    }

    internal void Say(LogId log, string text)
    {
        Ask<Sealed>(new SealTexts(log, [text]));
        Sync();
    }

    /// <summary>Inbox, logs, outbox, until nothing moves: what Client does.</summary>
    internal void Sync()
    {
        for (bool moved = true; moved;)
        {
            moved = ReadInbox() | ReadLogs();
            moved |= Send();
        }
    }

    internal bool ReadLogs()
    {
        bool moved = false;
        foreach (var conversation in Ask<Conversations>(new ListAll(Listed.Conversations)).Items)
        {
            var entries = _organisation.Read(conversation.Log, conversation.Position);
            if (entries.Count == 0) continue;
            Ask<Opened>(new OpenEntries(conversation.Log, entries));
            moved = true;
        }
        return moved;
    }

    internal bool Send()
    {
        var outbox = Ask<Outbox>(new GetOutbox(0));
        foreach (var deliveries in outbox.Deliveries)
        {
            _organisation.File(deliveries.Deliveries);
            Ask<Ok>(new LeaveOutbox(deliveries.Id, null));
        }
        bool moved = false;
        foreach (var item in outbox.Posts)
        {
            if (_organisation.Submit(item.Post) is not null)
            {
                moved = true;
                continue;
            }
            ReadLogs();
            moved |= Ask(new Reseal(item.Post.Id)) is not Failed { Error: VaultError.Outdated };   // that has to wait
        }
        return moved;
    }

    internal void PerformAllDue()
    {
        foreach (var work in Ask<Due>(new ListAll(Listed.Due)).Items) Ask(new PerformDue(work));
        Sync();
    }

    internal IReadOnlyList<HistoryItem> History(LogId log) => Ask<Protocol.History>(new ReadHistory(log, 0, 1000, false)).Items;

    internal IEnumerable<string> Texts(LogId log) => History(log).Where(item => item.Kind == HistoryKind.Text).Select(item => $"{item.FromName}: {item.Text}");

    public void Dispose() => _monitor.Dispose();

    private bool ReadInbox()
    {
        var inbox = _organisation.InboxOf(Status.Device);
        if (inbox.Count == 0) return false;
        var opened = Ask<InboxOpened>(new OpenInbox(inbox));
        return inbox.RemoveAll(item => opened.Finished.Contains(item.Id)) > 0;
    }
}
