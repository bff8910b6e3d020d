using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// RFC 7748 §6.1: a public key that makes every shared secret zero, in each place a peer can put one. Keys in trees, paths and key
/// packages have their tests beside those rules (<see cref="TreeValidationTests"/>, <see cref="UpdatePathTests"/>,
/// <see cref="LeafNodeRulesTests"/>).
/// </summary>
public sealed class LowOrderPointTests : IDisposable
{
    private static readonly CipherSuite Suite = CipherSuite.Mandatory;

    private readonly Room _room = Room.Of(3);

    public static TheoryData<string> Points => TreeValidationTests.LowOrderKeys;

    public void Dispose() => _room.Dispose();

    [Theory, MemberData(nameof(Points))]
    public void AsTheEncapsulationOfAWelcome(string hex)
    {
        var newcomer = _room.NewClient("new");
        using var self = newcomer.NewKeyPackage();
        using var pending = new DroppedCommit(
            _room[0].Group.Commit(new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] }, _room.Random));
        var welcome = Tls.Decode<MlsMessage>(pending.Commit.Welcome!).Welcome!;
        var forged = welcome with
        {
            Secrets = [welcome.Secrets[0] with { Sealed = welcome.Secrets[0].Sealed with { KemOutput = Convert.FromHexString(hex) } }],
        };
        var rejected = Assert.IsType<JoinOutcome.Rejected>(newcomer.TryJoin(Tls.Encode(new MlsMessage(forged)), self));
        Assert.Equal(MlsError.Undecryptable, rejected.Error);
        newcomer.Join(pending.Commit.Welcome!, self);
    }

    [Theory, MemberData(nameof(Points))]
    public void AsTheEncapsulationOfAPathSecret(string hex)
    {
        var message = RogueCommit.WithSpoiltPath(_room[0], path => path with
        {
            Nodes = [.. path.Nodes.Select(node => node with
            {
                EncryptedPathSecret =
                [
                    .. node.EncryptedPathSecret.Select(secret => secret with { KemOutput = Convert.FromHexString(hex) }),
                ],
            })],
        });
        foreach (var member in _room.Others(_room[0])) Assert.IsType<Handled.Stranded>(member.Group.Handle(message));
    }

    [Theory, MemberData(nameof(Points))]
    public void AsKeysOfAKeyPackageThatIsAdded(string hex)
    {
        byte[] point = Convert.FromHexString(hex);
        var client = _room.NewClient("new");
        using var self = client.NewKeyPackage();
        KeyPackage[] forged =
        [
            (self.KeyPackage with { InitKey = point }).Signed(client.SignatureKey),
            self.KeyPackage.With(client.SignatureKey, leaf => leaf with { EncryptionKey = point }),
        ];
        foreach (var keyPackage in forged)
        {
            _room[1].Refuse(RogueCommit.Of(_room[0], new AddProposal(keyPackage)), MlsError.InvalidKey);
            Assert.Throws<MlsException>(
                () => _room[0].Group.Commit(new CommitOptions { Proposals = [new AddProposal(keyPackage)] }, _room.Random));
        }
    }

    [Theory, MemberData(nameof(Points))]
    public void AsAnExternalKeyOrItsEncapsulation(string hex)
    {
        byte[] point = Convert.FromHexString(hex);
        Assert.Null(ExternalInit.Create(Suite, point, _room.Random, out _));
        using var external = _room[0].Group.State.Secrets.ExternalKeyPair();
        Assert.Null(ExternalInit.Process(Suite, external, point));
        byte[] info = Forgery.GroupInfo(_room[0], info => info with
        {
            Extensions =
            [
                .. info.Extensions.Where(extension => extension.Type != ExtensionType.ExternalPub), new ExternalPub(point).ToExtension(),
            ],
        });
        Assert.Equal(
            MlsError.InvalidKey, Assert.IsType<ExternalJoinOutcome.Rejected>(_room.NewClient("new").TryJoinExternally(info)).Error);
    }

    /// <summary>The control: the same ways with a key that contributes.</summary>
    [Fact]
    public void AnyOtherPointContributes()
    {
        using var external = _room[0].Group.State.Secrets.ExternalKeyPair();
        using var created = ExternalInit.Create(Suite, external.PublicKey.Span, _room.Random, out byte[] encapsulation);
        using var processed = ExternalInit.Process(Suite, external, encapsulation);
        Assert.Equal(created!.Reveal().ToArray(), processed!.Reveal().ToArray());
    }
}
