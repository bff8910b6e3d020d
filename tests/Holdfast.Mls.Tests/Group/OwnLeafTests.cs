using System.Text;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// What the others would refuse of a leaf of ours we do not make: who adopts such a commit is alone in the next epoch, and nobody joins
/// who begins with such a leaf.
/// </summary>
public sealed class OwnLeafTests : IDisposable
{
    private const string Refused = "a name that our own policy refuses";

    private static readonly Extension Unlisted = new(0xF00E, default);

    private readonly Room _room = Room.Of(3);
    private readonly SignatureKey _foreign;

    public OwnLeafTests()
    {
        _foreign = CipherSuite.Find(2)!.Signature.Generate(_room.Random);
        One.Refused.Add(Refused);
    }

    public static TheoryData<string, MlsError> Faults => new()
    {
        { "an extension that is not listed", MlsError.InvalidLeafNode },
        { "no cipher suite", MlsError.InvalidLeafNode },
        { "no version", MlsError.InvalidLeafNode },
        { "no credential type", MlsError.InvalidLeafNode },
        { "a credential that certifies another key", MlsError.InvalidLeafNode },
        { "a refused credential", MlsError.RefusedCredential },
    };

    private Client One => _room[0];

    public void Dispose()
    {
        _foreign.Dispose();
        _room.Dispose();
    }

    [Theory, MemberData(nameof(Faults))]
    public void ACommitIsNotMade(string fault, MlsError error) => CommitIsRefused(With(fault), error);

    [Theory, MemberData(nameof(Faults))]
    public void AnUpdateIsNotMade(string fault, MlsError error)
    {
        var before = One.State();
        Assert.Equal(error, Assert.Throws<MlsException>(() => One.Group.ProposeUpdate(With(fault), _room.Random)).Error);
        Assert.Equal(before, One.State());
        _room.ProposeUpdate(One);
        _room.Commit(_room[1], new CommitOptions());
    }

    /// <summary>The room's suite signs with Ed25519, this key with P-256.</summary>
    [Fact]
    public void ACommitWithASignatureKeyOfAnotherSchemeIsNotMade() =>
        CommitIsRefused(new LeafChanges { SignatureKey = _foreign }, MlsError.InvalidSignature);

    /// <summary>A policy that says no to what the leaf has been all along: so would the others', which are to be alike.</summary>
    [Fact]
    public void ACommitByWhomOurOwnPolicyRefusesIsNotMade()
    {
        One.Refused.Add(One.Name);
        Assert.Equal(
            MlsError.RefusedCredential, Assert.Throws<MlsException>(() => One.Group.Commit(new CommitOptions(), _room.Random)).Error);
        One.Refused.Clear();
        _room.Commit(One, new CommitOptions());
    }

    [Fact]
    public void AKeyPackageThatNobodyWouldTakeIsNotMade()
    {
        var good = One.Capabilities;
        Assert.Equal("capabilities", Fault(capabilities: good with { CipherSuites = [2] }));
        Assert.Equal("capabilities", Fault(capabilities: good with { Versions = [] }));
        Assert.Equal("capabilities", Fault(capabilities: good with { Credentials = [CredentialType.X509] }));
        Assert.Equal("signatureKey", Fault(key: _foreign));
        Assert.Equal("credential", Fault(good with { Credentials = [CredentialType.X509] }, new X509Credential([])));
        var twice = new Extension(Client.KnownExtension, default);
        Assert.Null(Fault(extensions: [twice, twice]));
        Create(good, One.JoinOptions().Credential, One.SignatureKey, [twice]).Dispose();

        string? Fault(
            Capabilities? capabilities = null,
            Credential? credential = null,
            SignatureKey? key = null,
            IReadOnlyList<Extension>? extensions = null) => Assert.Throws<ArgumentException>(() => Create(
                capabilities ?? good, credential ?? One.JoinOptions().Credential, key ?? One.SignatureKey, extensions ?? [])).ParamName;

        KeyPackageBundle Create(
            Capabilities capabilities, Credential credential, SignatureKey key, IReadOnlyList<Extension> extensions) =>
            KeyPackageBundle.Create(One.Suite, key, credential, capabilities, One.Lifetime, extensions, [], _room.Random);
    }

    /// <summary>A key package made elsewhere may be anything.</summary>
    [Fact]
    public void AGroupIsNotFoundedWithAKeyPackageThatNobodyWouldTake()
    {
        using var good = One.NewKeyPackage();
        Founds(good.KeyPackage);
        foreach (var fault in Faults.Select(row => row.Data.Item1))
        {
            var changes = With(fault);
            var error = fault == "a refused credential" ? MlsError.RefusedCredential : MlsError.InvalidLeafNode;
            FoundsNot(error, good.KeyPackage.With(One.SignatureKey, changes.ApplyTo));
        }
        FoundsNot(MlsError.InvalidSignature, good.KeyPackage with { Signature = default });

        void FoundsNot(MlsError error, KeyPackage keyPackage) =>
            Assert.Equal(error, Assert.Throws<MlsException>(() => Founds(keyPackage)).Error);

        void Founds(KeyPackage keyPackage)
        {
            using var self = KeyPackageBundle.Import(keyPackage, good.InitKey.RevealPrivateKey(), good.LeafKey.RevealPrivateKey());
            Group.Create(One.Suite, new byte[16], self, One.SignatureKey, [], One.Policy, _room.Random).Dispose();
        }
    }

    private LeafChanges With(string fault)
    {
        var own = One.Capabilities;
        return fault switch
        {
            "an extension that is not listed" => new() { Extensions = [Unlisted] },
            "no cipher suite" => new() { Capabilities = own with { CipherSuites = [2] } },
            "no version" => new() { Capabilities = own with { Versions = [] } },
            "no credential type" => new() { Credential = new UnknownCredential(0xF00C, default) },
            "a credential that certifies another key" => new()
            {
                Credential = new X509Credential([]),
                Capabilities = own with { Credentials = [CredentialType.Basic, CredentialType.X509] },
            },
            _ => new() { Credential = new BasicCredential(Encoding.UTF8.GetBytes(Refused)) },
        };
    }

    private void CommitIsRefused(LeafChanges changes, MlsError error)
    {
        var before = One.State();
        var options = new CommitOptions { LeafChanges = changes };
        Assert.Equal(error, Assert.Throws<MlsException>(() => One.Group.Commit(options, _room.Random)).Error);
        Assert.Equal(before, One.State());
        _room.Commit(One, new CommitOptions());
    }
}
