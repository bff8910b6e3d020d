using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class LeafNodeRulesTests
{
    private readonly SignatureKey _signer;
    private readonly KeyPackage _good;

    public LeafNodeRulesTests()
    {
        (var bundle, _signer) = TreeGroup.NewMember();
        _good = bundle.KeyPackage;
    }

    [Fact]
    public void AGoodKeyPackageIsAccepted() => KeyPackageRules.Check(_good, ProtocolVersion.Mls10, TreeGroup.Suite);

    [Fact]
    public void CapabilitiesMustNameWhatTheLeafUses()
    {
        var capable = TreeGroup.Capable;
        RefusesLeaf("mls10", _good.LeafNode with { Capabilities = capable with { Versions = [2] } });
        RefusesLeaf("cipher suite", _good.LeafNode with { Capabilities = capable with { CipherSuites = [2] } });
        RefusesLeaf("credential type", _good.LeafNode with { Capabilities = capable with { Credentials = [2] } });
        RefusesLeaf("an extension of the leaf", _good.LeafNode with { Extensions = [new Extension(0xF002, default)] });
    }

    [Fact]
    public void CapabilitiesOfSuitesAreEnoughInThoseSuitesAndInNoOther()
    {
        var leaf = _good.LeafNode;
        KeyPackageRules.Check(
            SignAll(leaf with { Capabilities = Capabilities.Of(CipherSuite.Hybrid, TreeGroup.Suite) }),
            ProtocolVersion.Mls10,
            TreeGroup.Suite);
        RefusesLeaf("cipher suite", leaf with { Capabilities = Capabilities.Of(CipherSuite.Hybrid) });
    }

    [Fact]
    public void ListedDefaultAndUnknownExtensionsAreAccepted() => KeyPackageRules.Check(
        SignAll(_good.LeafNode with { Extensions = [new Extension(ExtensionType.ApplicationId, default), new Extension(0x1A1A, default)] }),
        ProtocolVersion.Mls10,
        TreeGroup.Suite);

    [Fact]
    public void TwoExtensionsOfOneTypeAreRefused()
    {
        var twice = _good.LeafNode with { Extensions = [new Extension(0xF001, default), new Extension(0xF001, default)] };
        TreeEdit.Refuses(MlsError.Malformed, "§13.4", () => Tls.Decode<LeafNode>(Tls.Encode(twice)));
    }

    [Fact]
    public void ALeafMustMeetTheGroupsRequirements()
    {
        var leaf = _good.LeafNode;
        LeafNodeRules.CheckFits(leaf, Required(new([0xF001], [ProposalType.Add], [1])));
        RefusesFit("required capability", Required(new([0xF002], [], [])));
        RefusesFit("required capability", Required(new([], [0xF002], [])));
        RefusesFit("required capability", Required(new([], [], [2])));
        LeafNodeRules.CheckFits(leaf, [new Extension(0xF001, default)]);
        RefusesFit("§13.4", [new Extension(0xF002, default)]);
        LeafNodeRules.CheckFits(leaf, [new Extension(ExtensionType.ExternalSenders, default)]);

        void RefusesFit(string rule, IReadOnlyList<Extension> extensions) =>
            TreeEdit.Refuses(MlsError.InvalidLeafNode, rule, () => LeafNodeRules.CheckFits(leaf, extensions));
        static IReadOnlyList<Extension> Required(RequiredCapabilities required) =>
            [new Extension(ExtensionType.RequiredCapabilities, Tls.Encode(required))];
    }

    [Fact]
    public void EveryMemberSupportsEveryCredentialTypeInUse()
    {
        var basic = _good.LeafNode;
        var x509 = basic with { Credential = new X509Credential([]), Capabilities = TreeGroup.Capable with { Credentials = [1, 2] } };
        LeafNodeRules.CheckCredentialTypes([basic, basic]);
        LeafNodeRules.CheckCredentialTypes([x509, x509 with { Credential = basic.Credential }]);
        TreeEdit.Refuses(
            MlsError.InvalidLeafNode, "not supported by every member", () => LeafNodeRules.CheckCredentialTypes([x509, basic]));
    }

    [Fact]
    public void ALeafIsValidInItsLifetimeOnly()
    {
        var leaf = _good.LeafNode with { Lifetime = new Lifetime(100, 200) };
        var longest = TimeSpan.FromSeconds(100);
        foreach (int second in (int[])[100, 150, 200]) LeafNodeRules.CheckLifetime(leaf, At(second), longest);
        foreach (int second in (int[])[-1, 99, 201])
            TreeEdit.Refuses(MlsError.InvalidLeafNode, "outside", () => LeafNodeRules.CheckLifetime(leaf, At(second), longest));
        TreeEdit.Refuses(
            MlsError.InvalidLeafNode, "too long", () => LeafNodeRules.CheckLifetime(leaf, At(150), TimeSpan.FromSeconds(99)));
        var forever = leaf with { Lifetime = new Lifetime(0, ulong.MaxValue) };
        TreeEdit.Refuses(MlsError.InvalidLeafNode, "too long", () => LeafNodeRules.CheckLifetime(forever, At(150), TimeSpan.MaxValue));
        Assert.False(new Lifetime(2, 1).IsAtMost(TimeSpan.MaxValue));
        Assert.Equal(new Lifetime(100, 200), Lifetime.Between(At(100), At(200).AddMilliseconds(999)));
        Assert.Equal(new Lifetime(0, 0), Lifetime.Between(At(0), At(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Lifetime.Between(At(-1), At(200)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Lifetime.Between(At(200), At(199)));

        static DateTimeOffset At(int second) => DateTimeOffset.FromUnixTimeSeconds(second);
    }

    [Fact]
    public void AReplacementHasAFreshKeyAndItsMessagesSource()
    {
        var before = _good.LeafNode;
        var after = before with { Source = LeafNodeSource.Update, EncryptionKey = new byte[32] };
        LeafNodeRules.CheckReplaces(before, after, LeafNodeSource.Update);
        TreeEdit.Refuses(
            MlsError.InvalidLeafNode, "leaf_node_source", () => LeafNodeRules.CheckReplaces(before, after, LeafNodeSource.Commit));
        TreeEdit.Refuses(
            MlsError.InvalidLeafNode,
            "the encryption key of the old",
            () => LeafNodeRules.CheckReplaces(before, after with { EncryptionKey = before.EncryptionKey }, LeafNodeSource.Update));
    }

    [Fact]
    public void AKeyPackageThatBreaksARuleIsRefused()
    {
        Refuses(MlsError.InvalidKeyPackage, "version", Sign(_good with { Version = (ProtocolVersion)2 }));
        Refuses(MlsError.InvalidKeyPackage, "cipher suite", Sign(_good with { CipherSuite = 2 }));
        Refuses(MlsError.InvalidKeyPackage, "leaf_node_source", SignAll(_good.LeafNode with { Source = LeafNodeSource.Update }));
        Refuses(MlsError.InvalidKeyPackage, "are the same", Sign(_good with { InitKey = _good.LeafNode.EncryptionKey }));
        Refuses(MlsError.InvalidSignature, "§10.1", _good with { Signature = TreeEdit.Flipped(_good.Signature) });
        Refuses(MlsError.InvalidSignature, "§10.1", _good with { Extensions = [new Extension(1, default)] });
        Refuses(MlsError.InvalidSignature, "§7.3", Sign(_good with { LeafNode = _good.LeafNode with { Signature = default } }));
    }

    [Theory, MemberData(nameof(TreeValidationTests.LowOrderKeys), MemberType = typeof(TreeValidationTests))]
    public void KeysOfLowOrderAreRefused(string hex)
    {
        Refuses(MlsError.InvalidKey, "init_key", Sign(_good with { InitKey = Convert.FromHexString(hex) }));
        Refuses(MlsError.InvalidKey, "encryption_key", SignAll(_good.LeafNode with { EncryptionKey = Convert.FromHexString(hex) }));
    }

    [Fact]
    public void AKeyPackageIsNotMadeWithAnExtensionItsCapabilitiesLack()
    {
        var unlisted = new Extension(0xF002, default);
        Assert.Throws<ArgumentException>(() => Create([unlisted], []));
        Assert.Throws<ArgumentException>(() => Create([], [unlisted]));
        Create([], [new Extension(0xF001, default)]).Dispose();

        KeyPackageBundle Create(IReadOnlyList<Extension> leaf, IReadOnlyList<Extension> own) => KeyPackageBundle.Create(
            TreeGroup.Suite, _signer, _good.LeafNode.Credential, TreeGroup.Capable, new Lifetime(0, 1), leaf, own, RandomSource.System);
    }

    [Fact]
    public void ABundleReadsBackAsWritten()
    {
        using var bundle = TreeGroup.NewMember().Bundle;
        using var stored = bundle.Serialize();
        using var again = KeyPackageBundle.Restore(stored.Reveal());
        Assert.Equal(bundle.Reference(), again.Reference());
        Assert.Equal(bundle.InitKey.RevealPrivateKey(), again.InitKey.RevealPrivateKey());
        Assert.Equal(bundle.LeafKey.RevealPrivateKey(), again.LeafKey.RevealPrivateKey());
        byte[] damaged = TreeEdit.Flipped(stored.Reveal().ToArray());
        damaged[^2] ^= 0x10;
        Assert.Throws<ArgumentException>(() => KeyPackageBundle.Restore(damaged));
        Assert.Throws<CodecException>(() => KeyPackageBundle.Restore([2, .. stored.Reveal()[1..]]));
    }

    [Fact]
    public void WhatCannotBeReadIsRefused()
    {
        Assert.Throws<CodecException>(() => Tls.Decode<Credential>([0, 0, 0]));
        TreeEdit.Refuses(MlsError.Unsupported, "§13.2", () => Tls.Decode<Proposal>([0x3A, 0x3A, 0]));
        Assert.Throws<CodecException>(() => Tls.Decode<ProposalOrRef>([3, 0]));
        Assert.Throws<CodecException>(() => Tls.Decode<PreSharedKeyId>([3, 0, 0]));
        Assert.Throws<CodecException>(() => Tls.Decode<PreSharedKeyId>([2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    }

    private KeyPackage SignAll(LeafNode leaf) => Sign(_good with { LeafNode = leaf.Sign(TreeGroup.Suite, _signer, [], default) });

    private KeyPackage Sign(KeyPackage keyPackage) =>
        keyPackage with { Signature = TreeGroup.Suite.SignWithLabel(_signer, Labels.KeyPackage, keyPackage.Tbs()) };

    private void RefusesLeaf(string rule, LeafNode leaf) => Refuses(MlsError.InvalidLeafNode, rule, SignAll(leaf));

    private static void Refuses(MlsError error, string rule, KeyPackage keyPackage) =>
        TreeEdit.Refuses(error, rule, () => KeyPackageRules.Check(keyPackage, ProtocolVersion.Mls10, TreeGroup.Suite));
}
