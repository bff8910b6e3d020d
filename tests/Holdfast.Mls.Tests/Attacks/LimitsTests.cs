using System.Diagnostics;
using System.Reflection;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Each limit, at each place it is read: as much as it says is read, one more is refused.</summary>
public sealed class LimitsTests
{
    private static readonly LeafNode Leaf = TreeGroup.NewMember().Bundle.KeyPackage.LeafNode;

    private static readonly KeyPackage Package = TreeGroup.NewMember().Bundle.KeyPackage;

    private static readonly GroupContext Context = new(ProtocolVersion.Mls10, 1, default, 0, default, default, []);

    private static readonly GroupInfo Info = new(Context, [], default, default, default);

    /// <summary>
    /// A place where a limit of <see cref="MlsLimits"/> is read: it encodes a structure with that many bytes or elements there.
    /// </summary>
    private sealed record Place(string Limit, string Name, Func<int, byte[]> Encode, Action<byte[]> Decode);

    private static readonly Place[] Places =
    [
        Of<Credential>("MaxIdentitySize", "basic identity", n => new BasicCredential(new byte[n])),
        Of<Credential>("MaxIdentitySize", "certificate", n => new X509Credential([new byte[n]])),
        Of<Credential>("MaxCertificates", "chain", n => new X509Credential([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(new byte[1], n)])),
        Of<Credential>("MaxCertificateChainSize", "chain in bytes", n => new X509Credential([new byte[65_530], new byte[n - 65_538]])),
        Of<Credential>("MaxIdentitySize", "unknown credential", n => new UnknownCredential(0xF00D, new byte[n])),
        Of<Capabilities>("MaxCapabilities", "versions", n => new Capabilities(Numbers(n), [], [], [], [])),
        Of<Capabilities>("MaxCapabilities", "suites", n => new Capabilities([], Numbers(n), [], [], [])),
        Of<Capabilities>("MaxCapabilities", "extensions", n => new Capabilities([], [], Numbers(n), [], [])),
        Of<Capabilities>("MaxCapabilities", "proposals", n => new Capabilities([], [], [], Numbers(n), [])),
        Of<Capabilities>("MaxCapabilities", "credentials", n => new Capabilities([], [], [], [], Numbers(n))),
        Of<RequiredCapabilities>("MaxCapabilities", "required extensions", n => new RequiredCapabilities(Numbers(n), [], [])),
        Of<RequiredCapabilities>("MaxCapabilities", "required proposals", n => new RequiredCapabilities([], Numbers(n), [])),
        Of<RequiredCapabilities>("MaxCapabilities", "required credentials", n => new RequiredCapabilities([], [], Numbers(n))),
        Of<LeafNode>("MaxKeySize", "leaf encryption key", n => Leaf with { EncryptionKey = new byte[n] }),
        Of<LeafNode>("MaxKeySize", "leaf signature key", n => Leaf with { SignatureKey = new byte[n] }),
        Of<LeafNode>("MaxSignatureSize", "leaf signature", n => Leaf with { Signature = new byte[n] }),
        Of<LeafNode>("MaxHashSize", "leaf parent hash", n => Leaf with { Source = LeafNodeSource.Commit, ParentHash = new byte[n] }),
        Of<LeafNode>("MaxExtensions", "leaf extensions", n => Leaf with { Extensions = Extensions(n) }),
        Of<KeyPackage>("MaxKeySize", "init key", n => Package with { InitKey = new byte[n] }),
        Of<KeyPackage>("MaxSignatureSize", "key package signature", n => Package with { Signature = new byte[n] }),
        Of<KeyPackage>("MaxExtensions", "key package extensions", n => Package with { Extensions = Extensions(n) }),
        Of<GroupContext>("MaxGroupIdSize", "context group id", n => Context with { GroupId = new byte[n] }),
        Of<GroupContext>("MaxHashSize", "tree hash", n => Context with { TreeHash = new byte[n] }),
        Of<GroupContext>("MaxHashSize", "transcript hash", n => Context with { ConfirmedTranscriptHash = new byte[n] }),
        Of<GroupContext>("MaxExtensions", "context extensions", n => Context with { Extensions = Extensions(n) }),
        Of<GroupInfo>("MaxHashSize", "group info tag", n => Info with { ConfirmationTag = new byte[n] }),
        Of<GroupInfo>("MaxSignatureSize", "group info signature", n => Info with { Signature = new byte[n] }),
        Of<GroupInfo>("MaxExtensions", "group info extensions", n => Info with { Extensions = Extensions(n) }),
        Of<GroupSecrets>("MaxHashSize", "joiner secret", n => new GroupSecrets(new Secret(n), null, [])),
        Of<GroupSecrets>("MaxHashSize", "path secret", n => new GroupSecrets(new Secret(0), new Secret(n), [])),
        Of<GroupSecrets>("MaxPreSharedKeys", "keys of a welcome", n => new GroupSecrets(new Secret(0), null, Psks(n))),
        Of<EncryptedGroupSecrets>("MaxHashSize", "new member", n => new EncryptedGroupSecrets(new byte[n], Sealed(0))),
        Of<Welcome>(
            "MaxLeaves",
            "welcomed",
            n => new Welcome(1, [.. Enumerable.Repeat(new EncryptedGroupSecrets(new byte[32], Sealed(48)), n)], default)),
        Of<HpkeCiphertext>("MaxKeySize", "encapsulation", Sealed),
        Of<UpdatePath>("MaxPathLength", "path", n => new UpdatePath(Leaf, [.. Enumerable.Repeat(new UpdatePathNode(default, []), n)])),
        Of<UpdatePathNode>("MaxKeySize", "path key", n => new UpdatePathNode(new byte[n], [])),
        Of<UpdatePathNode>("MaxLeaves", "path ciphertexts", n => new UpdatePathNode(default, [.. Enumerable.Repeat(Sealed(48), n)])),
        Of<ParentNode>("MaxKeySize", "parent key", n => new ParentNode(new byte[n], default, [])),
        Of<ParentNode>("MaxHashSize", "parent hash", n => new ParentNode(default, new byte[n], [])),
        Of<ParentNode>(
            "MaxLeaves",
            "unmerged leaves",
            n => new ParentNode(default, default, [.. Enumerable.Range(0, n).Select(i => new LeafIndex((uint)i))])),
        Of<Commit>("MaxProposals", "committed proposals", n => new Commit([.. Enumerable.Repeat(new ProposalReference(new byte[32]), n)], null)),
        Of<ProposalOrRef>("MaxHashSize", "reference", n => new ProposalReference(new byte[n])),
        Of<PreSharedKeyId>("MaxIdentitySize", "external key id", n => new ExternalPskId(new byte[n], default)),
        Of<PreSharedKeyId>("MaxHashSize", "external key nonce", n => new ExternalPskId(default, new byte[n])),
        Of<PreSharedKeyId>(
            "MaxGroupIdSize", "resumption group id", n => new ResumptionPskId(ResumptionPskUsage.Application, new byte[n], 0, default)),
        Of<PreSharedKeyId>(
            "MaxHashSize", "resumption nonce", n => new ResumptionPskId(ResumptionPskUsage.Application, default, 0, new byte[n])),
        Of<PreSharedKeyId>("MaxIdentitySize", "component key id", n => new ApplicationPskId(0, new byte[n], default)),
        Of<PreSharedKeyId>("MaxHashSize", "component key nonce", n => new ApplicationPskId(0, default, new byte[n])),
        Of<Proposal>("MaxGroupIdSize", "reinit group id", n => new ReInitProposal(new byte[n], ProtocolVersion.Mls10, 1, [])),
        Of<Proposal>("MaxExtensions", "reinit extensions", n => new ReInitProposal(default, ProtocolVersion.Mls10, 1, Extensions(n))),
        Of<Proposal>("MaxExtensions", "replaced extensions", n => new GroupContextExtensionsProposal(Extensions(n))),
        Of<Proposal>("MaxKeySize", "external init", n => new ExternalInitProposal(new byte[n])),
        Of<AppDataDictionary>(
            "MaxComponents", "entries", n => new AppDataDictionary([.. Numbers(n).Select(id => new ComponentData(id, default))])),
        Of<ComponentsList>("MaxComponents", "components", n => new ComponentsList(Numbers(n))),
        new(
            "MaxExternalSenders",
            "external senders",
            Senders,
            bytes => ExternalSender.In([new Extension(ExtensionType.ExternalSenders, bytes)])),
        Of<ExternalPub>("MaxKeySize", "external key", n => new ExternalPub(new byte[n])),
        Of<ExternalSender>("MaxKeySize", "external sender", n => new ExternalSender(new byte[n], Leaf.Credential)),
        Of<FramedContent>("MaxGroupIdSize", "framed group id", n => Framed() with { GroupId = new byte[n] }),
        Of<FramedContent>("MaxAuthenticatedDataSize", "framed authenticated data", n => Framed() with { AuthenticatedData = new byte[n] }),
        Of<PublicMessage>(
            "MaxHashSize", "membership tag", n => new PublicMessage(Framed(), new FramedContentAuthData(default), new byte[n])),
        Of<PublicMessage>(
            "MaxSignatureSize", "signature", n => new PublicMessage(Framed(), new FramedContentAuthData(new byte[n]), new byte[1])),
        Of<PublicMessage>(
            "MaxHashSize",
            "confirmation tag",
            n => new PublicMessage(
                Framed() with { Content = new CommitContent(new Commit([], null)) },
                new FramedContentAuthData(default, new byte[n]),
                new byte[1])),
        Of<PrivateMessage>("MaxGroupIdSize", "private group id", n => Private() with { GroupId = new byte[n] }),
        Of<PrivateMessage>(
            "MaxAuthenticatedDataSize", "private authenticated data", n => Private() with { AuthenticatedData = new byte[n] }),
        Of<PrivateMessage>("MaxHashSize", "sender data", n => Private() with { EncryptedSenderData = new byte[n] }),
        new("MaxNodes", "tree", Tree, bytes => RatchetTree.Decode(TreeGroup.Suite, bytes)),
        new("MaxMessageSize", "message", Message, bytes => Tls.Decode<MlsMessage>(bytes)),
    ];

    public static TheoryData<string> Names => [.. Places.Select(place => place.Name)];

    [Theory, MemberData(nameof(Names))]
    public void AsMuchAsTheLimitIsReadAndOneMoreIsRefused(string name)
    {
        var place = Places.Single(place => place.Name == name);
        int limit = LimitOf(place.Limit);
        place.Decode(place.Encode(limit));
        byte[] more = place.Encode(limit + 1);
        var refused = Assert.ThrowsAny<Exception>(() => place.Decode(more));
        Assert.True(refused is CodecException or MlsException { Error: MlsError.TooLarge }, $"{refused}");
    }

    [Fact]
    public void EveryLimitHasATest()
    {
        // of a state or a policy, not a message
        string[] kept =
        [
            nameof(MlsLimits.MaxPendingProposals),
            nameof(MlsLimits.MaxPendingProposalsFromOutside),
            nameof(MlsLimits.MaxPaddingBlock),
        ];
        var limits = typeof(MlsLimits).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.Name);
        Assert.Empty(limits.Except(Places.Select(place => place.Limit)).Except(kept));
    }

    [Fact]
    public void ATreeGrowsToItsLimitAndNoFurther()
    {
        var tree = RatchetTree.Decode(TreeGroup.Suite, FullTree());
        Assert.Equal(MlsLimits.MaxLeaves, tree.MemberCount);
        TreeEdit.Refuses(MlsError.TooLarge, "more leaves than we allow", () => tree.Add(Leaf));
        Assert.Equal(new LeafIndex(7), tree.Remove(new LeafIndex(7)).Add(Leaf).Index);
    }

    [Fact]
    public void AnEpochKeepsAsManyProposalsAsTheLimitSays()
    {
        var kept = new EpochProposals(Enumerable.Range(0, MlsLimits.MaxPendingProposals - 1).Select(Pending));
        var full = kept.With(Pending(-1));
        Assert.Equal(MlsLimits.MaxPendingProposals, full.Entries.Count);
        TreeEdit.Refuses(MlsError.TooLarge, "than we keep", () => full.With(Pending(-2)));
    }

    [Fact]
    public void ACommitMixesInAsManyKeysAsTheLimitSays()
    {
        using var room = Room.Of(2);
        using var key = Secret.Random(32, room.Random);
        var keys = Psks(MlsLimits.MaxPreSharedKeys + 1).Select(id => new PreSharedKey(id, key)).ToList();
        PskSecret.Compute(CipherSuite.Mandatory, keys[1..]).Dispose();
        TreeEdit.Refuses(MlsError.TooLarge, "more pre-shared keys", () => PskSecret.Compute(CipherSuite.Mandatory, keys));
        var proposals = keys.Select(psk => (Proposal)new PreSharedKeyProposal(psk.Id)).ToList();
        room[1].Refuse(RogueCommit.Of(room[0], proposals), MlsError.TooLarge);
        Assert.IsType<Handled.Stranded>(room[1].Group.Handle(RogueCommit.Of(room[0], proposals[1..])));   // read, and the keys looked for
    }

    /// <summary>What it costs to read as much as each limit allows, and to refuse one more.</summary>
    [Fact]
    public void WhatIsAtALimitIsReadAtABearableCost()
    {
        Assert.SkipUnless(LongRun.IsWanted, "a long run");
        var costs = Places.Select(place => (place, read: Cost(place, LimitOf(place.Limit)), refused: Cost(place, LimitOf(place.Limit) + 1)))
            .ToList();
        Assert.All(costs, cost => Assert.InRange(cost.read.Bytes, 0, 256L << 20));
        Recording.Write("mls-limits", costs.Select(cost => new
        {
            place = cost.place.Name,
            limit = LimitOf(cost.place.Limit),
            readMs = cost.read.Milliseconds,
            readBytes = cost.read.Bytes,
            refusedMs = cost.refused.Milliseconds,
            refusedBytes = cost.refused.Bytes,
        }));
    }

    private static (double Milliseconds, long Bytes) Cost(Place place, int size)
    {
        byte[] encoded = place.Encode(size);
        long bytes = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        try { place.Decode(encoded); }
        catch (Exception refused) when (refused is CodecException or MlsException) { }
        return (Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 3), GC.GetAllocatedBytesForCurrentThread() - bytes);
    }

    private static int LimitOf(string name) => (int)typeof(MlsLimits).GetField(name)!.GetRawConstantValue()!;

    private static Place Of<T>(string limit, string name, Func<int, T> make) where T : ITlsStruct<T> =>
        new(limit, name, n => Tls.Encode(make(n)), bytes => Tls.Decode<T>(bytes));

    private static ushort[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => (ushort)i)];

    private static Extension[] Extensions(int count) => [.. Numbers(count).Select(type => new Extension(type, default))];

    private static ExternalPskId[] Psks(int count) =>
        [.. Numbers(count).Select(i => new ExternalPskId(BitConverter.GetBytes(i), new byte[32]))];

    private static HpkeCiphertext Sealed(int kemOutput) => new(new byte[kemOutput], default);

    private static FramedContent Framed() =>
        new(default, 0, Sender.Member(default), default, new ProposalContent(new RemoveProposal(default)));

    private static PrivateMessage Private() => new(default, 0, ContentType.Application, default, default, default);

    private static PendingProposal Pending(int number) =>
        new(new ProposalReference(BitConverter.GetBytes(number)), Sender.Member(default), new RemoveProposal(default));

    private static byte[] Senders(int count) =>
        ExternalSender.ToExtension([.. Enumerable.Repeat(new ExternalSender(default, Leaf.Credential), count)]).Data.ToArray();

    private static byte[] Message(int size)
    {
        byte[] message = Tls.Encode(new MlsMessage(Private() with { Ciphertext = new byte[size - 32] }));
        return Tls.Encode(new MlsMessage(Private() with { Ciphertext = new byte[size - 32 + (size - message.Length)] }));
    }

    /// <summary>Blank nodes with a leaf as the last that can be one.</summary>
    private static byte[] Tree(int nodes)
    {
        using var writer = new TlsWriter();
        writer.WriteVector(Enumerable.Range(0, nodes), (output, node) => WriteLeaf(output, node == (nodes - 1) / 2 * 2 ? Leaf : null));
        return writer.ToArray();
    }

    private static byte[] FullTree()
    {
        using var writer = new TlsWriter();
        writer.WriteVector(
            Enumerable.Range(0, MlsLimits.MaxNodes), static (output, node) => WriteLeaf(output, node % 2 == 0 ? Leaf : null));
        return writer.ToArray();
    }

    private static void WriteLeaf(TlsWriter writer, LeafNode? leaf)
    {
        writer.WritePresence(leaf is not null);
        if (leaf is null) return;
        writer.WriteUInt8(1);
        writer.Write(leaf);
    }
}
