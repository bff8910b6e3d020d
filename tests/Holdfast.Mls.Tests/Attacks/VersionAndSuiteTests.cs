using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Each pair of protocol version and cipher suite but the group's own, in everything that names a pair.</summary>
public sealed class VersionAndSuiteTests : IDisposable
{
    private readonly Room _room = Room.Of(2);
    private readonly Client _newcomer;
    private readonly KeyPackageBundle _self;

    public VersionAndSuiteTests()
    {
        _newcomer = _room.NewClient("new");
        _self = _newcomer.NewKeyPackage();
    }

    public static IEnumerable<(ProtocolVersion Version, ushort Suite)> Others =>
        from version in (ushort[])[0, 1, 2, 0x0100, 0x0A0A, 0xFFFF]
        from suite in (ushort[])[0, 1, 2, 3, 4, 7, 8, 0x0100, 0x0A0A, 0xF000, 0xFFFF]
        where (version, suite) != (1, 1)
        select ((ProtocolVersion)version, suite);

    public void Dispose()
    {
        _self.Dispose();
        _room.Dispose();
    }

    [Fact]
    public void AKeyPackageOfAnotherPairIsNotAdded()
    {
        foreach (var (version, suite) in Others)
        {
            var other = (_self.KeyPackage with { Version = version, CipherSuite = suite }).Signed(_newcomer.SignatureKey);
            _room[0].Refuse(RogueCommit.Propose(_room[1], new AddProposal(other)), MlsError.InvalidKeyPackage);
            _room[0].Refuse(RogueCommit.Of(_room[1], new AddProposal(other)), MlsError.InvalidKeyPackage);
            Assert.Throws<MlsException>(
                () => _room[0].Group.Commit(new CommitOptions { Proposals = [new AddProposal(other)] }, _room.Random));
        }
        _room[0].TakeProposal(RogueCommit.Propose(_room[1], new AddProposal(_self.KeyPackage)));
    }

    [Fact]
    public void AGroupOfAnotherPairIsNotJoined()
    {
        using var pending = new DroppedCommit(_room[1].Group.Commit(
            new CommitOptions { Proposals = [new AddProposal(_self.KeyPackage)] }, _room.Random));
        foreach (var (version, suite) in Others)
        {
            byte[] welcome = Forgery.Welcome(pending.Commit.Welcome!, _self, _room[1].SignatureKey, info => info with
            {
                GroupContext = info.GroupContext with { Version = version, CipherSuite = suite },
            });
            Assert.Equal(MlsError.Unsupported, Assert.IsType<JoinOutcome.Rejected>(_newcomer.TryJoin(welcome, _self)).Error);
        }
        _newcomer.Join(pending.Commit.Welcome!, _self);
    }

    [Fact]
    public void AGroupOfAnotherPairIsNotJoinedFromOutside()
    {
        foreach (var (version, suite) in Others)
        {
            byte[] info = Forgery.GroupInfo(
                _room[1], info => info with { GroupContext = info.GroupContext with { Version = version, CipherSuite = suite } });
            var rejected = Assert.IsType<ExternalJoinOutcome.Rejected>(_newcomer.TryJoinExternally(info));
            if (suite == 1) Assert.Equal(MlsError.Unsupported, rejected.Error);   // in another suite that we know, nothing is right
        }
        byte[] genuine = Forgery.GroupInfo(_room[1], static info => info);
        Assert.IsType<ExternalJoinOutcome.Prepared>(_newcomer.TryJoinExternally(genuine)).Next.Dispose();
    }

    [Fact]
    public void AKeyPackageHasTheVersionOfTheMessageItComesIn()
    {
        byte[] message = Tls.Encode(new MlsMessage(_self.KeyPackage));
        Assert.NotNull(Tls.Decode<MlsMessage>(message).KeyPackage);
        foreach (ushort version in (ushort[])[0, 2, 0x0A0A])
        {
            byte[] other = Tls.Encode(
                new MlsMessage((_self.KeyPackage with { Version = (ProtocolVersion)version }).Signed(_newcomer.SignatureKey)));
            Assert.Throws<CodecException>(() => Tls.Decode<MlsMessage>(other));
        }
    }
}
