using CsCheck;
using Holdfast.Codec;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>Whatever the bytes: a structure or a CodecException, and no more memory than the bytes justify.</summary>
public sealed class HostileBytesTests
{
    private delegate void Decoder(ReadOnlySpan<byte> bytes);

    private static readonly Dictionary<string, Decoder> Decoders = new()
    {
        [nameof(ClientFrame)] = Of<ClientFrame>(),
        [nameof(ServerFrame)] = Of<ServerFrame>(),
        [nameof(VaultCall)] = Of<VaultCall>(),
        [nameof(VaultReply)] = Of<VaultReply>(),
        [nameof(TokenCall)] = Of<TokenCall>(),
        [nameof(TokenReply)] = Of<TokenReply>(),
        [nameof(Card)] = Of<Card>(),
        [nameof(Invite)] = Of<Invite>(),
        [nameof(Pin)] = Of<Pin>(),
        [nameof(Registration)] = Of<Registration>(),
        [nameof(Registered)] = Of<Registered>(),
        [nameof(KeyPackageUpload)] = Of<KeyPackageUpload>(),
        [nameof(ClaimedKeyPackages)] = Of<ClaimedKeyPackages>(),
        [nameof(InviteUpload)] = Of<InviteUpload>(),
        [nameof(BlobCreation)] = Of<BlobCreation>(),
        [nameof(Post)] = Of<Post>(),
        [nameof(MimiContent)] = bytes => MimiContent.Decode(bytes),
        [nameof(Padding)] = bytes => Padding.Unpad(bytes),
    };

    private static readonly Dictionary<string, byte[][]> Genuine = new()
    {
        [nameof(ClientFrame)] = [.. Specimens.ClientFrames.Select(Tls.Encode)],
        [nameof(ServerFrame)] = [.. Specimens.ServerFrames.Select(Tls.Encode)],
        [nameof(VaultCall)] = [.. Specimens.VaultCalls.Select(Tls.Encode)],
        [nameof(VaultReply)] = [.. Specimens.VaultReplies.Select(Tls.Encode)],
        [nameof(TokenCall)] = [.. Specimens.TokenCalls.Select(Tls.Encode)],
        [nameof(TokenReply)] = [.. Specimens.TokenReplies.Select(Tls.Encode)],
    };

    public static TheoryData<string> Names => [.. Decoders.Keys];

    public static TheoryData<string> Unions => [.. Genuine.Keys];

    [Theory, MemberData(nameof(Names))]
    public void RandomBytesAreRefusedCheaply(string name) => Gen.Byte.Array[0, 300].Sample(bytes => AssertTame(name, bytes));

    [Theory, MemberData(nameof(Unions))]
    public void RandomBytesOfAKnownKindAreRefusedCheaply(string name) =>
        Gen.Select(Gen.Byte[1, 40], Gen.Byte.Array[0, 300]).Sample((kind, bytes) => AssertTame(name, [kind, .. bytes]));

    [Theory, MemberData(nameof(Unions))]
    public void EveryPrefixIsRefused(string name)
    {
        foreach (byte[] genuine in Genuine[name])
        {
            for (int length = 0; length < genuine.Length; length++)
            {
                byte[] prefix = genuine[..length];
                Assert.Throws<CodecException>(() => Decoders[name](prefix));
            }
        }
    }

    [Theory, MemberData(nameof(Unions))]
    public void EveryBitFlipIsReadOrRefused(string name)
    {
        foreach (byte[] genuine in Genuine[name])
        {
            for (int bit = 0; bit < 8 * genuine.Length; bit++)
            {
                byte[] flipped = [.. genuine];
                flipped[bit / 8] ^= (byte)(1 << (bit % 8));
                AssertTame(name, flipped);
            }
        }
    }

    [Theory, MemberData(nameof(Unions))]
    public void ReplacedStretchesAreReadOrRefused(string name) =>
        Gen.Select(Gen.Int[0, Genuine[name].Length - 1], Gen.Int[0, 400], Gen.Int[0, 10], Gen.Byte.Array[0, 10]).Sample((index, at, cut, put) =>
        {
            byte[] genuine = Genuine[name][index];
            int start = at % genuine.Length;
            AssertTame(name, [.. genuine[..start], .. put, .. genuine[Math.Min(genuine.Length, start + cut)..]]);
        });

    /// <summary>The worst there is: many elements, each as short as can be.</summary>
    [Fact]
    public void ManyEmptyElementsCostLittle()
    {
        var pin = Pin.FromRandom(new byte[7]);
        var post = new OutboxPost(new Post(default, default, 0, PostKind.Application, 0, default, default, []), default);
        VaultCall[] calls =
        [
            new AddMembers(default, [.. Enumerable.Repeat(new Invitee(pin, new ClaimedKeyPackages([])), ProtocolLimits.MembersPerCall)]),
            new AddMembers(default, [.. Enumerable.Repeat(new Invitee(pin, new ClaimedKeyPackages([.. Many<ReadOnlyMemory<byte>>(new byte[32], 100)])), 500)]),
            new AddMembers(default, [.. Enumerable.Repeat(new Invitee(pin, new ClaimedKeyPackages(Many(default(ReadOnlyMemory<byte>), 100))), 1000)]),
            new SignSubscriptions(new byte[32], new byte[32], Many(new LogId(1))), new OpenInbox(Many(new InboxItem(default, default))),
            new OpenInbox(Many(new InboxItem(default, new byte[1]))), new OpenEntries(default, Many(new LogEntry(0, default, PostKind.Commit, new byte[1]))),
        ];
        VaultReply[] replies =
        [
            new InboxOpened([], [], Many(pin)), new Outbox(Many(post), [], 0), new Outbox([], Many(new OutboxDeliveries(default, [])), 0),
            new Outbox([], Many(new OutboxDeliveries(default, [new Delivery(default, default)])), 0),
            new Members("a", Many(new MemberInfo(pin, "a", default, true))), new Contacts(Many(new ContactInfo(pin, "a", new byte[32], 0))),
            new Conversations(Many(new ConversationInfo(default, "a", true, 0, 0, 0, ""))), new Due(Many(new DueWork(DueKind.Commit, default, default)), 0),
            new History(Many(new HistoryItem(default, 0, default, pin, "", default, 0, HistoryKind.Text, 0, "", new AttachmentInfo("", "", 0)))),
        ];
        foreach (var call in calls) AssertTame(nameof(VaultCall), Tls.Encode(call));
        foreach (var reply in replies) AssertTame(nameof(VaultReply), Tls.Encode(reply));
        AssertTame(nameof(ClientFrame), Tls.Encode<ClientFrame>(new SubmitDeliveries(0, Many(new Delivery(default, default), ProtocolLimits.Deliveries))));
        AssertTame(nameof(ServerFrame), Tls.Encode<ServerFrame>(new InboxItems(0, Many(new InboxItem(default, default)))));
        AssertTame(nameof(KeyPackageUpload), [1, 0x48, 0x00, .. new byte[0x801]]);
    }

    [Fact]
    public void TheMeasureSeesAnAllocation()
    {
        byte[] kept = [];
        Assert.True(Cost(_ => kept = new byte[100_000], []) >= 100_000);
        Assert.NotEmpty(kept);
    }

    internal static void AssertTame(string name, byte[] bytes)
    {
        Cost(Decoders[name], bytes);   // the first time, the code itself is made
        Assert.InRange(Cost(Decoders[name], bytes), 0, (64 * 1024) + (8L * bytes.Length));
    }

    private static Decoder Of<T>() where T : ITlsStruct<T> => bytes => Tls.Decode<T>(bytes);

    private static List<T> Many<T>(T element, int count = 20_000) => [.. Enumerable.Repeat(element, count)];

    private static long Cost(Decoder decode, byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try { decode(bytes); }
        catch (CodecException refused) { Assert.NotEmpty(refused.Message); }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
