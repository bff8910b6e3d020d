using System.Security.Cryptography.X509Certificates;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class X509CredentialTests : IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2", ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly CipherSuite Suite = CipherSuite.Find(2)!;
    private static readonly X500DistinguishedName Subject = new("CN=member");

    private readonly Authority _root = Authority.Root("root", Suite);
    private readonly Authority _intermediate;
    private readonly SignatureKey _key = Suite.Signature.Generate(RandomSource.System);
    private readonly X509Trust _trust;

    public X509CredentialTests()
    {
        _intermediate = _root.Below("intermediate");
        _trust = new X509Trust([_root.Certificate]);
    }

    public static TheoryData<ushort> Suites => [1, 2, 3, 4, 5, 6, 7];

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
        _key.Dispose();
        _trust.Dispose();
    }

    [Theory, MemberData(nameof(Suites))]
    public void ALeafsKeyIsTheOneItsCertificateIsFor(ushort id)
    {
        var suite = CipherSuite.Find(id)!;
        using var root = Authority.Root("root", suite);
        using var key = suite.Signature.Generate(RandomSource.System);
        using var other = suite.Signature.Generate(RandomSource.System);
        var credential = new X509Credential([root.Issue(Subject, key.PublicKey, suite), root.Certificate]);
        Check(key, credential);
        Refused(() => Check(other, credential), "is not the leaf's signature_key");
        Refused(() => Check(key, new X509Credential([root.Certificate, .. credential.Certificates])), "is not the leaf's signature_key");
        Refused(() => Check(key, new X509Credential([])), "without a certificate");
        Refused(() => Check(key, new X509Credential([credential.Certificates[0][..^1]])), "cannot be read");
        Refused(() => Check(key, new X509Credential([new byte[] { 0x30, 0 }])), "cannot be read");
        var elsewhere = CipherSuite.Find(id == 2 ? (ushort)5 : (ushort)2)!;
        Refused(() => credential.CheckCertifies(elsewhere, key.PublicKey.Span), "is not the leaf's signature_key");

        void Check(SignatureKey signer, X509Credential x509)
        {
            using var bundle = KeyPackageBundle.Create(
                suite,
                signer,
                new BasicCredential(default),
                new Capabilities([1], [id], [], [], [CredentialType.Basic, CredentialType.X509]),
                new Lifetime(0, 1),
                [],
                [],
                RandomSource.System);
            var leaf = (bundle.KeyPackage.LeafNode with { Credential = x509 }).Sign(suite, signer, [], default);
            var keyPackage = bundle.KeyPackage with { LeafNode = leaf };
            keyPackage = keyPackage with { Signature = suite.SignWithLabel(signer, Labels.KeyPackage, keyPackage.Tbs()) };
            var read = Tls.Decode<KeyPackage>(Tls.Encode(keyPackage));
            Assert.Equal(Tls.Encode(keyPackage), Tls.Encode(read));
            KeyPackageRules.Check(read, ProtocolVersion.Mls10, suite);
        }
    }

    [Theory, InlineData(1), InlineData(2), InlineData(4), InlineData(5), InlineData(7)]
    public void AChainToAGivenRootIsTrusted(ushort id)
    {
        var suite = CipherSuite.Find(id)!;
        using var root = Authority.Root("root", suite);
        using var intermediate = root.Below("intermediate");
        using var key = suite.Signature.Generate(RandomSource.System);
        using var trust = new X509Trust([root.Certificate]);
        var end = intermediate.Issue(Subject, key.PublicKey, suite);
        Assert.True(trust.Accepts(new X509Credential([end, intermediate.Certificate]), Authority.Now));
        Assert.True(trust.Accepts(new X509Credential([end, intermediate.Certificate, root.Certificate]), Authority.Now));
        byte[] damaged = [.. end];
        damaged[^1] ^= 1;
        Assert.False(trust.Accepts(new X509Credential([damaged, intermediate.Certificate]), Authority.Now));
    }

    [Fact]
    public void WithoutARootEveryCredentialIsRefused()
    {
        using var none = new X509Trust([]);
        Assert.False(none.Accepts(Chain(End()), Authority.Now));
        Assert.False(none.Accepts(new X509Credential([_root.Certificate]), Authority.Now));
        Assert.False(_trust.Accepts(new X509Credential([]), Authority.Now));
        Assert.False(_trust.Accepts(new BasicCredential("member"u8.ToArray()), Authority.Now));
        Assert.True(_trust.Accepts(Chain(End()), Authority.Now));
    }

    [Fact]
    public void AnotherRootOfTheSameNameIsNotTrusted()
    {
        using var imposter = Authority.Root("root", Suite);
        Assert.False(_trust.Accepts(new X509Credential([imposter.Issue(Subject, _key.PublicKey, Suite)]), Authority.Now));
        Assert.False(
            _trust.Accepts(new X509Credential([imposter.Issue(Subject, _key.PublicKey, Suite), imposter.Certificate]), Authority.Now));
        Assert.False(
            _trust.Accepts(new X509Credential([imposter.Issue(Subject, _key.PublicKey, Suite), _root.Certificate]), Authority.Now));
    }

    [Fact]
    public void TimeIsTheCallersAndEveryCertificateMustBeValidThen()
    {
        var (from, until) = (Authority.Now.AddDays(-1), Authority.Now.AddDays(1));
        var brief = Chain(_intermediate.Issue(Subject, _key.PublicKey, Suite, null, from, until));
        Assert.True(_trust.Accepts(brief, Authority.Now));
        Assert.False(_trust.Accepts(brief, from.AddSeconds(-1)));
        Assert.False(_trust.Accepts(brief, until.AddSeconds(1)));
        Assert.False(_trust.Accepts(Chain(End()), Authority.Until.AddSeconds(1)));
    }

    [Fact]
    public void OnlyAnAuthorityIssuesAndOnlyAsDeepAsItMay()
    {
        using var noAuthority = _root.Below("end", new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        Refuses(noAuthority);
        using var noFlag = _root.Below("end", new X509BasicConstraintsExtension(false, false, 0, true));
        Refuses(noFlag);
        using var noSigning = _root.Below(
            "end",
            new X509BasicConstraintsExtension(true, false, 0, true),
            new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        Refuses(noSigning);
        using var last = _root.Below("last", Authority.CertifiesOthers(pathLength: 0));
        Assert.True(_trust.Accepts(new X509Credential([last.Issue(Subject, _key.PublicKey, Suite), last.Certificate]), Authority.Now));
        using var tooDeep = last.Below("too deep");
        Refuses(tooDeep, last);

        void Refuses(Authority issuer, params Authority[] above) => Assert.False(_trust.Accepts(
            new X509Credential(
                [issuer.Issue(Subject, _key.PublicKey, Suite), issuer.Certificate, .. above.Select(authority => authority.Certificate)]),
            Authority.Now));
    }

    [Fact]
    public void AKeyForAnotherPurposeIsRefused()
    {
        Assert.True(Accepts(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true)));
        Assert.False(Accepts(new X509KeyUsageExtension(X509KeyUsageFlags.KeyAgreement, true)));
        using var forClients = new X509Trust([_root.Certificate], ClientAuthentication);
        Assert.True(forClients.Accepts(Chain(End(new X509EnhancedKeyUsageExtension([new(ClientAuthentication)], false))), Authority.Now));
        Assert.False(forClients.Accepts(Chain(End(new X509EnhancedKeyUsageExtension([new(ServerAuthentication)], false))), Authority.Now));
    }

    [Fact]
    public void AnUnknownCriticalExtensionIsRefused()
    {
        Assert.True(Accepts(new X509Extension("1.3.6.1.4.1.99999.1", [5, 0], critical: false)));
        Assert.False(Accepts(new X509Extension("1.3.6.1.4.1.99999.1", [5, 0], critical: true)));
    }

    [Fact]
    public void NamesOutsideAnAuthoritysConstraintsAreRefused()
    {
        // RFC 5280 §4.2.1.10: permittedSubtrees of one dNSName, "example.org"
        byte[] permitted = [0x30, 0x11, 0xA0, 0x0F, 0x30, 0x0D, 0x82, 0x0B, .. "example.org"u8];
        using var constrained = _root.Below(
            "constrained", [.. Authority.CertifiesOthers(), new X509Extension("2.5.29.30", permitted, critical: true)]);
        Assert.True(Accepts("alice.example.org"));
        Assert.False(Accepts("alice.example.com"));

        bool Accepts(string name)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            var end = constrained.Issue(Subject, _key.PublicKey, Suite, [names.Build()]);
            return _trust.Accepts(new X509Credential([end, constrained.Certificate]), Authority.Now);
        }
    }

    [Fact]
    public void CertificatesOutOfOrderOrOutsideThePathAreRefused()
    {
        using var second = _intermediate.Below("second");
        var end = second.Issue(Subject, _key.PublicKey, Suite);
        Assert.True(_trust.Accepts(new X509Credential([end, second.Certificate, _intermediate.Certificate]), Authority.Now));
        Assert.False(_trust.Accepts(new X509Credential([end, _intermediate.Certificate, second.Certificate]), Authority.Now));
        Assert.False(
            _trust.Accepts(new X509Credential([end, second.Certificate, second.Certificate, _intermediate.Certificate]), Authority.Now));
        using var stranger = Authority.Root("stranger", Suite);
        Assert.False(_trust.Accepts(new X509Credential([.. Chain(End()).Certificates, stranger.Certificate]), Authority.Now));
        Assert.False(
            _trust.Accepts(new X509Credential([.. Chain(End()).Certificates, _root.Certificate, stranger.Certificate]), Authority.Now));
        Assert.False(_trust.Accepts(new X509Credential([.. Chain(End()).Certificates, new byte[] { 1, 2, 3 }]), Authority.Now));
    }

    [Fact]
    public void APolicyWithoutAJudgeRefusesEveryCredential()
    {
        using var room = Room.Of(2);
        var client = room.NewClient("new");
        using var self = client.NewKeyPackage();
        var added = room[0].Group.Commit(new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] }, room.Random);
        client.Policy = new GroupPolicy();
        Assert.Equal(MlsError.RefusedCredential, Assert.IsType<JoinOutcome.Rejected>(client.TryJoin(added.Welcome!, self)).Error);
        room[1].Policy = new GroupPolicy();
        room[1].Restart();
        room[1].Refuse(added.Message, MlsError.RefusedCredential);
        added.Current.Dispose();
        added.Next.Dispose();
    }

    [Fact]
    public void AChainThatIsTooLongIsRefusedAndAnUnknownCredentialIsCarried()
    {
        var tooMany = new X509Credential([.. Enumerable.Repeat((ReadOnlyMemory<byte>)new byte[1], MlsLimits.MaxCertificates + 1)]);
        TreeEdit.Refuses(MlsError.TooLarge, "§5.3", () => Tls.Decode<Credential>(Tls.Encode<Credential>(tooMany)));
        var tooLarge = new X509Credential([.. Enumerable.Repeat((ReadOnlyMemory<byte>)new byte[MlsLimits.MaxIdentitySize], 2)]);
        Assert.Throws<CodecException>(() => Tls.Decode<Credential>(Tls.Encode<Credential>(tooLarge)));
        byte[] unknown = [0xF0, 0x0D, 3, 1, 2, 3];
        var carried = Assert.IsType<UnknownCredential>(Tls.Decode<Credential>(unknown));
        Assert.Equal(0xF00D, carried.Type);
        Assert.Equal(unknown, Tls.Encode<Credential>(carried));
        Assert.Throws<ArgumentException>(() => new UnknownCredential(CredentialType.X509, default));
    }

    private static void Refused(Action act, string rule) => TreeEdit.Refuses(MlsError.InvalidLeafNode, rule, act);

    private byte[] End(params X509Extension[] extensions) => _intermediate.Issue(Subject, _key.PublicKey, Suite, extensions);

    private X509Credential Chain(byte[] end) => new([end, _intermediate.Certificate]);

    private bool Accepts(params X509Extension[] extensions) => _trust.Accepts(Chain(End(extensions)), Authority.Now);
}
