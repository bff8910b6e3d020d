using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>draft-ietf-mls-extensions: the Safe Application Interface, and the authenticated data of RFC 9420 §6.</summary>
public sealed class SafeApplicationTests : IDisposable
{
    private static readonly CipherSuite Suite = CipherSuite.Mandatory;

    private readonly Room _room = ComponentRoom.Of(3);

    public void Dispose() => _room.Dispose();

    [Fact]
    public void AComponentsSecretIsTheSameForAllAndCanBeHadOnce()
    {
        var secrets = _room.Members.Select(member => Convert.ToHexString(Export(member, 0x8001))).Distinct().ToList();
        var secret = Assert.Single(secrets);
        Assert.Equal(64, secret.Length);
        foreach (ushort other in (ushort[])[0, 1, 0x8000, 0x8002, 0xFFFF])
            Assert.NotEqual(secret, Convert.ToHexString(Export(_room[0], other)));
        foreach (var member in _room.Members) Assert.Throws<InvalidOperationException>(() => member.Group.SafeExport(0x8001));
        _room[0].Restart();
        Assert.Throws<InvalidOperationException>(() => _room[0].Group.SafeExport(0x8001));
        Assert.Equal(Convert.ToHexString(Export(_room[1], 5)), Convert.ToHexString(Export(_room[0], 5)));
        _room.Say(_room[0], "exporting changes nothing else");
        _room.Commit(_room[1], new CommitOptions());
        Assert.NotEqual(secret, Convert.ToHexString(Export(_room[0], 0x8001)));
    }

    [Fact]
    public void AnExportedSecretIsTheTreesLeaf()
    {
        using var root = Secret.CopyOf([.. Enumerable.Range(0, 32).Select(value => (byte)value)]);
        var expected = Secret.CopyOf(root.Reveal());
        for (int bit = 15; bit >= 0; bit--)
            expected = Suite.ExpandWithLabel(expected, "tree", ((0x8001 >> bit) & 1) == 1 ? "right"u8 : "left"u8, 32);
        using var tree = ExporterTree.Create(Suite, Secret.CopyOf(root.Reveal()));
        var (secret, next) = tree.Take(0x8001)!.Value;
        Assert.Equal(expected.Reveal(), secret.Reveal());
        Assert.True(next.Take(0x8001) is null);
        Assert.Equal(secret.Reveal(), tree.Take(0x8001)!.Value.Secret.Reveal());   // the older tree is as it was
        next.Dispose();
    }

    [Fact]
    public void ATreeGivesEveryComponentItsSecretOnceInAnyOrderAndReadsBackAsWritten()
    {
        var tree = ExporterTree.Create(Suite, Secret.Random(32, _room.Random));
        var seen = new HashSet<string>();
        var components = Enumerable.Range(0, 300).Select(_ => (ushort)(_room.Random.PublicBytes(1)[0] << 3)).Distinct().ToList();
        foreach (ushort component in components)
        {
            var (secret, next) = tree.Take(component)!.Value;
            Assert.True(seen.Add(Convert.ToHexString(secret.Reveal())));
            tree.Dispose();
            tree = Reread(next);
        }
        Assert.All(components, component => Assert.True(tree.Take(component) is null));
        tree.Dispose();
    }

    [Fact]
    public void ASignatureIsGoodForItsComponentAndLabelOnly()
    {
        var (signer, other) = (_room[0].Group, _room[1].Group);
        byte[] signature = signer.SafeSign(7, "label"u8, "content"u8);
        Assert.True(other.SafeVerify(signer.OwnLeaf, 7, "label"u8, "content"u8, signature));
        Assert.False(other.SafeVerify(signer.OwnLeaf, 8, "label"u8, "content"u8, signature));
        Assert.False(other.SafeVerify(signer.OwnLeaf, 7, "other"u8, "content"u8, signature));
        Assert.False(other.SafeVerify(signer.OwnLeaf, 7, "label"u8, "other"u8, signature));
        Assert.False(other.SafeVerify(other.OwnLeaf, 7, "label"u8, "content"u8, signature));
        Assert.False(other.SafeVerify(new LeafIndex(99), 7, "label"u8, "content"u8, signature));
        Assert.False(Suite.VerifyWithLabel(_room[0].SignatureKey.PublicKey.Span, "label", "content"u8, signature));
        Assert.Equal("0D4D4C5320436F6D706F6E656E740007056C6162656C", Convert.ToHexString(ComponentLabel.Encode(7, "label"u8)));
    }

    [Fact]
    public void ACiphertextOpensForItsComponentAndLabelOnly()
    {
        using var key = Suite.Hpke.Kem.Generate(_room.Random);
        var message = Suite.SafeEncrypt(key.PublicKey.Span, 7, "label"u8, "context"u8, "secret"u8, _room.Random)!;
        using var opened = Open(7, "label"u8, "context"u8);
        Assert.Equal("secret"u8, opened!.Reveal());
        Assert.Null(Open(8, "label"u8, "context"u8));
        Assert.Null(Open(7, "other"u8, "context"u8));
        Assert.Null(Open(7, "label"u8, "other"u8));
        Assert.Null(Suite.DecryptWithLabel(key, "label", "context"u8, message.Encapsulation.Span, message.Ciphertext.Span));

        Secret? Open(ushort component, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context) =>
            Suite.SafeDecrypt(key, component, label, context, message.Encapsulation.Span, message.Ciphertext.Span);
    }

    [Fact]
    public void EveryMessageCarriesAuthenticatedDataToItsReceivers()
    {
        var (sender, receiver) = (_room[0], _room[1]);
        var proposed = sender.Group.Propose(new AppEphemeralProposal(ComponentRoom.Journal, default), _room.Random, "proposal"u8);
        sender.Adopt(proposed.Next);
        Assert.Equal("proposal"u8, Assert.IsType<Handled.ProposalReceived>(receiver.Group.Handle(proposed.Message)).AuthenticatedData.Span);
        receiver.TakeProposal(proposed.Message);
        var pending = sender.Group.Commit(new CommitOptions { AuthenticatedData = "commit"u8.ToArray() }, _room.Random);
        Assert.Equal("commit"u8, receiver.TakeCommit(pending.Message).AuthenticatedData.Span);
        pending.Current.Dispose();
        sender.Adopt(pending.Next);
        Assert.Equal("aad"u8, receiver.Hear(sender.Say("text")).AuthenticatedData.Span);
        var update = sender.Group.ProposeUpdate(new LeafChanges(), _room.Random, "update"u8);
        sender.Adopt(update.Next);
        Assert.Equal("update"u8, Assert.IsType<Handled.ProposalReceived>(receiver.Group.Handle(update.Message)).AuthenticatedData.Span);
    }

    [Fact]
    public void WhereTheGroupSaysSoAuthenticatedDataIsFramed()
    {
        var plain = _room[0].Group.Protect("before"u8, "plain"u8, _room.Random);
        _room.Commit(
            _room[1], ComponentRoom.Committing(AppDataUpdateProposal.OfUpdate(CodePoints.SafeAad, Tls.Encode(new ComponentsList([])))));
        _room[2].Hear(plain.Message);   // of the epoch before
        var group = _room[0].Group;
        Assert.Throws<ArgumentException>(() => group.Protect("text"u8, "plain"u8, _room.Random));
        Assert.Throws<ArgumentException>(() => group.Commit(new CommitOptions { AuthenticatedData = "plain"u8.ToArray() }, _room.Random));
        var framed = group.Protect("text"u8, Tls.Encode(new SafeAad(new ComponentData(7, "seven"u8.ToArray()))), _room.Random);
        var heard = _room[1].Hear(framed.Message);
        Assert.Equal("seven"u8, Tls.Decode<SafeAad>(heard.AuthenticatedData.Span).Find(7)!.Data.Span);
        var without = Tls.Decode<MlsMessage>(group.Protect("text"u8, [], _room.Random).Message).PrivateMessage!;
        Assert.Equal([0], without.AuthenticatedData.ToArray());
        var unframed = Tls.Encode(new MlsMessage(without with { AuthenticatedData = new byte[] { 1 } }));
        _room[1].Refuse(unframed, MlsError.Malformed);
        var proposed = Tls.Decode<MlsMessage>(RogueCommit.Propose(_room[0], new RemoveProposal(_room[2].Group.OwnLeaf))).PrivateMessage!;
        _room[1].Refuse(Tls.Encode(new MlsMessage(proposed with { AuthenticatedData = new byte[] { 1 } })), MlsError.Malformed);
        byte[] open = Forgery.Public(
            _room[0], new ProposalContent(new RemoveProposal(_room[2].Group.OwnLeaf)), Sender.Member(_room[0].Group.OwnLeaf));
        var content = Tls.Decode<MlsMessage>(open).PublicMessage!;
        content = content with { Content = content.Content with { AuthenticatedData = new byte[] { 1 } } };
        _room[1].Refuse(Tls.Encode(new MlsMessage(content)), MlsError.Malformed);
        _room.Commit(_room[0], new CommitOptions());
        _room[1].Refuse(unframed, MlsError.Malformed);   // late
        _room.Propose(_room[1], new SelfRemoveProposal());
        _room.Commit(_room[0], new CommitOptions());
    }

    /// <summary>Who joins from outside learns from the GroupInfo that there must be framing: that is no reason to throw.</summary>
    [Fact]
    public void WhoJoinsFromOutsideIsToldThatAuthenticatedDataIsFramed()
    {
        _room.Commit(
            _room[1], ComponentRoom.Committing(AppDataUpdateProposal.OfUpdate(CodePoints.SafeAad, Tls.Encode(new ComponentsList([])))));
        var joiner = ComponentRoom.Newcomer(_room, "outside");
        var unframed = joiner.JoinOptions() with { AuthenticatedData = "plain"u8.ToArray() };
        var refused = joiner.TryJoinExternally(_room[0].Group.GroupInfoMessage(true, true), unframed);
        Assert.Equal(MlsError.Malformed, Assert.IsType<ExternalJoinOutcome.Rejected>(refused).Error);
        var large = new SafeAad(new ComponentData(7, new byte[MlsLimits.MaxAuthenticatedDataSize]));
        var tooLong = joiner.JoinOptions() with { AuthenticatedData = Tls.Encode(large) };
        refused = joiner.TryJoinExternally(_room[0].Group.GroupInfoMessage(true, true), tooLong);
        Assert.Equal(MlsError.Malformed, Assert.IsType<ExternalJoinOutcome.Rejected>(refused).Error);
        var framed = joiner.JoinOptions() with { AuthenticatedData = Tls.Encode(new SafeAad(new ComponentData(7, "seven"u8.ToArray()))) };
        _room.JoinExternally(joiner, _room[0], framed);
    }

    [Fact]
    public void ALastResortKeyPackageSaysThatItIsOne()
    {
        var client = _room.NewClient("last resort");
        var capabilities = client.Capabilities with { Extensions = [CodePoints.AppDataDictionary] };
        using var marked = Create(LastResort.Mark);
        using var other = Create(new AppDataDictionary(new ComponentData(0x8001, default)).ToExtension());
        Assert.True(Tls.Decode<KeyPackage>(Tls.Encode(marked.KeyPackage)).IsLastResort());
        Assert.False(other.KeyPackage.IsLastResort());
        var dictionary = LastResort.Marked(AppDataDictionary.In(other.KeyPackage.Extensions));
        Assert.True((marked.KeyPackage with { Extensions = [dictionary] }).IsLastResort());
        KeyPackageRules.Check(marked.KeyPackage, ProtocolVersion.Mls10, Suite);
        using var unmarked = client.NewKeyPackage();
        Assert.False(unmarked.KeyPackage.IsLastResort());

        KeyPackageBundle Create(Extension extension) => KeyPackageBundle.Create(
            Suite, client.SignatureKey, new BasicCredential(default), capabilities, client.Lifetime, [], [extension], _room.Random);
    }

    [Fact]
    public void AnExporterTreeIsNoDeeperThanThereAreComponents()
    {
        foreach (byte[] bad in (byte[][])[[], [3], [0, 0], [1], [2, 0], [.. Enumerable.Repeat((byte)2, 17), 0, 0]])
            Assert.Throws<CodecException>(() => ExporterTree.Read(bad, Suite));
        using var spent = ExporterTree.Read([0], Suite);
        Assert.Null(spent.Take(0x8001));
    }

    private static ExporterTree Reread(ExporterTree tree)
    {
        using var writer = new TlsWriter();
        tree.Encode(writer);
        var again = ExporterTree.Read(writer.Written, Suite);
        tree.Dispose();
        return again;
    }

    private static byte[] Export(Client client, ushort component)
    {
        var (secret, next) = client.Group.SafeExport(component);
        client.Adopt(next);
        using (secret) return secret.Reveal().ToArray();
    }
}
