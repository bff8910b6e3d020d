using System.Text;

namespace Holdfast.Protocol.Tests;

/// <summary>One specimen or more of each case of each union. Every text and every byte in them spells <see cref="Sentinel"/>.</summary>
internal static class Specimens
{
    internal const string Sentinel = "sentinel";

    private static readonly LogId Log = new(0x1111);
    private static readonly MessageId Id = new(0x2222);
    private static readonly DeviceId Device = new(0x3333);
    private static readonly BlobId Blob = new(0x4444);
    private static readonly Pin Pin = Pin.FromRandom([1, 2, 3, 4, 5, 6, 7]);
    private static readonly Post Message = new(
        Log, Id, 7, PostKind.Application, ExpiryBucket.Week, default, Bytes(100), [new Delivery(Device, Bytes(40)), new Delivery(Device, default)]);
    private static readonly Post Commit = Message with { Kind = PostKind.Commit, Expiry = ExpiryBucket.Retention, NextAccessKey = Bytes(32), Deliveries = [] };
    private static readonly OutboxPost Waiting = new(Commit, Bytes(32));
    private static readonly LogEntry Entry = new(9, Id, PostKind.Proposal, Bytes(60));
    private static readonly Invitee Invitee = new(Pin, new ClaimedKeyPackages([Bytes(32), Bytes(300)]));
    private static readonly AttachmentInfo Info = new("sentinel.pdf", "application/sentinel", 12345);
    private static readonly AttachmentPointer Pointer = new(Blob, Bytes(32), Bytes(32), 13000, Bytes(32));
    private static readonly HistoryItem Said = new(
        Log, 3, Id, Pin, "Mr Sentinel", Device, 1700000000000, HistoryKind.Text, HistoryStatus.Sent, "the sentinel said", null);
    private static readonly Login Proof = new(Device, 12, Bytes(64));

    internal static IReadOnlyList<ClientFrame> ClientFrames { get; } =
    [
        Proof, new CreateLog(1, Log, Bytes(32)), new Subscribe(2, Log, Bytes(32), Bytes(64)), new Unsubscribe(Log), new ReadLog(3, Log, 17),
        new SubmitPost(4, Message), new SubmitPost(5, Commit), new ReadInbox(6), new InboxDone(7, [new(1), new(2)]),
        new SubmitDeliveries(8, [new Delivery(Device, Bytes(20))]), Proof with { DeliveryKey = Bytes(32) }, new DeliveryLogin(Device, Bytes(64)),
    ];

    internal static IReadOnlyList<ServerFrame> ServerFrames { get; } =
    [
        new Greeting(Bytes(32)), new LoggedIn(Bytes(32), 50), new Done(1), new Refused(2, RefusalCode.TooMany), new Subscribed(3, 4),
        new Accepted(5, 6), new HeadMoved(7, 8), new Entries(9, Log, 10, [Entry, Entry]), new Behind(Log, 11),
        new InboxItems(12, [new InboxItem(new(5), Bytes(30))]),
    ];

    internal static IReadOnlyList<VaultCall> VaultCalls { get; } =
    [
        new GetStatus(), new CreateProfile(Bytes(12), "Sentinel"), new Unlock(Bytes(12)) { TokenPin = Bytes(8) }, new BeginRegistration("holdfast://sentinel"),
        new CompleteRegistration(Pin), new MakeKeyPackages(100), new SignLogin(Bytes(32), Bytes(32)), new ReportLogin(LoginOutcome.Cloned),
        new SignSubscriptions(Bytes(32), Bytes(32), [Log, Log]), new MakeInvite("https://sentinel.example", Bytes(32), 7), new ListAll(Listed.Contacts),
        new ListAll(Listed.Members, Log), new ReadHistory(Log, 1, 2, true), new ReadHistory(null, 3, 4, true, "sentinel"),
        new AddContact(Invitee, "holdfast://sentinel"),
        new AddContact(Invitee, null), new CreateConversation("sentinel title", [Invitee, Invitee]), new CreateConversation(null, [Invitee]),
        new AddMembers(Log, [Invitee]), new RemoveMember(Log, Pin), new RemoveMember(Log, null), new SealTexts(Log, ["sentinel words", "sentinel too"]),
        new NewAttachment(), new SealAttachment(Log, Info, Pointer), new FindAttachment(Id), new GetOutbox(7), new Reseal(Id),
        new LeaveOutbox(Id, "because sentinel"), new LeaveOutbox(Id, null), new OpenEntries(Log, [Entry]), new OpenEntries(Log, [Entry]) { Spooled = true },
        new OpenInbox([new InboxItem(new(6), Bytes(50))]), new ListAll(Listed.Due), new PerformDue(new DueWork(DueKind.Readmit, Log, Id)), new EndVault(true),
        new ChangeAccess(Bytes(12), AccessChange.Passcode, Bytes(12), 7),
        new ChangeAccess(Bytes(12), AccessChange.Token, Bytes(8), 0) { TokenPin = Bytes(9), Label = "sentinel", Key = Bytes(16), Way = Bytes(90) },
        new TokenAnswered(Bytes(70)),
    ];

    internal static IReadOnlyList<VaultReply> VaultReplies { get; } =
    [
        new Ok(), new Failed(VaultError.Refused, "sentinel reason"),
        new Status(VaultState.Unlocked, false, Pin, "Sentinel", "https://sentinel.example", Bytes(32), Bytes(32), Pin, Device, true),
        new Status(VaultState.Locked, true, null, null, null, default, default, null, default, false)
        {
            Token = new GuardingToken("sentinel", "sentinel model", Bytes(90)), Delivers = true,
        },
        new RegistrationReady(new Registration(Bytes(16), Bytes(32), Device, Bytes(32), Bytes(64))),
        new KeyPackagesMade(new KeyPackageUpload([Bytes(200), Bytes(200)], Bytes(200))), new LoginSigned(Proof), new LoginSigned(new DeliveryLogin(Device, Bytes(64))),
        new SubscriptionsSigned([new SubscriptionProof(Log, Bytes(32), Bytes(64), 21)]), new InviteMade("holdfast://sentinel", Bytes(32)),
        new Conversations([new ConversationInfo(Log, "sentinel", true, ConversationState.Active, 1, 2, "sentinel suite")]),
        new Contacts([new ContactInfo(Pin, "sentinel", Bytes(32), ContactState.Asks)]), new Members("sentinel suite", [new MemberInfo(Pin, "sentinel", Device, true)]),
        new History([Said, Said with { Kind = HistoryKind.Attachment, Attachment = Info }, Said with { Status = HistoryStatus.Failed, Reason = "sentinel refused" }]), new Sealed([Waiting, Waiting]),
        new AttachmentPrepared(Blob, Bytes(32), Bytes(32)), new AttachmentFound(Info, Pointer),
        new Outbox([Waiting], [new OutboxDeliveries(Id, [new Delivery(Device, Bytes(10))])], 3), new Opened(5, [Said], [Id], true),
        new InboxOpened([new(1)], [Log], [Pin, Pin]), new Due([new DueWork(DueKind.Commit, Log, default)], 60),
        new Trail([new TrailItem(1700000000000, TrailEvent.HistoryRead, 12)]),
        new AskToken(TokenRole.New, Bytes(300)),
    ];

    internal static IReadOnlyList<TokenCall> TokenCalls { get; } =
    [
        new DescribeHost(), new ListTokens(), new OpenToken(Bytes(32), Bytes(8)), new ListKeys(), new GenerateKey(KeyPurpose.Sign, Bytes(16)),
        new OpenKey(Bytes(200)), new TryToAlter(), new Ecdh(Bytes(65)), new SignHash(Bytes(32)),
    ];

    internal static IReadOnlyList<TokenReply> TokenReplies { get; } =
    [
        new TokenFailed(TokenError.TokenPinWrong, 0xa0), new HostDescribed(HostWalls.Files, Bytes(32)),
        new TokensListed([new TokenInfo(Bytes(32), "sentinel", "sentinel two", TokenPinState.FinalTry, true)]), new TokenOpened(),
        new KeysListed([new TokenKey(Bytes(16), Bytes(65), KeyTraits.Local, KeyTraits.Local)]),
        new KeyOpened(new TokenKey(Bytes(300), Bytes(65), KeyTraits.Derive | KeyTraits.Sign, KeyTraits.Sign)), new KeyAltered(KeyTraits.Wrap, true),
        new Agreed(Bytes(32)), new HashSigned(Bytes(64)),
    ];

    internal static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(i => Encoding.ASCII.GetBytes(Sentinel)[i % Sentinel.Length])];
}
