using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Somebody who holds all of a former state: who was removed, or who stole it before its owner healed.</summary>
public sealed class FormerMemberTests : IDisposable
{
    private readonly Room _room = Room.Of(4, prepare: client => client.Policy = client.Policy with { PastEpochs = 0 });

    public void Dispose() => _room.Dispose();

    [Fact]
    public void NothingARemovedMemberSendsIsAccepted()
    {
        using var former = Copy(_room[3]);
        _room.Remove(_room[0], _room[3]);
        RefusedEverywhere(former);
    }

    [Fact]
    public void NothingATwinOfOurselvesSendsIsAcceptedAfterWeHealed()
    {
        var victim = _room[1];
        using var twin = Copy(victim);
        _room.Commit(victim, new CommitOptions { LeafChanges = new LeafChanges { SignatureKey = victim.NewSignatureKey() } });
        RefusedEverywhere(twin);
    }

    /// <summary>
    /// ATTACKS B-41: who is removed opens the commit as a message, since it is of an epoch it was in, but with none of its keys any path
    /// secret in it; everyone who stays opens exactly one.
    /// </summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void NoPathSecretIsSealedToWhoIsRemoved(int seed)
    {
        using var room = Room.Of(8, seed);
        for (int i = 0; i < 8; i++) room.Commit(room[room.Random.Below(8)], new CommitOptions());
        while (room.Members.Count > 2)
        {
            var by = room[room.Random.Below(room.Members.Count)];
            var gone = room.Others(by).ElementAt(room.Random.Below(room.Members.Count - 1));
            var before = room.Others(by).ToDictionary(member => member.Name, Copy);
            byte[] commit = room.Remove(by, gone).Message;
            foreach (var (name, former) in before)
            {
                Assert.Equal(name == gone.Name ? 0 : 1, PathSecretsOpenedBy(former, commit, by.Group.Context.TreeHash));
                former.Dispose();
            }
        }
    }

    /// <summary>Every group has to be healed by itself: then the thief is out of each.</summary>
    [Fact]
    public void HealingEveryGroupLeavesTheThiefInNone()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            using var room = Room.Of(2, seed, client => client.Policy = client.Policy with { PastEpochs = 0 });
            using var twin = Copy(room[0]);
            byte[] before = room[1].Say("before");
            // the control: a thief does read what came before
            Assert.IsType<Handled.ApplicationReceived>(twin.Group.Handle(before)).Next.Dispose();
            room.Commit(room[0], new CommitOptions { LeafChanges = new LeafChanges { SignatureKey = room[0].NewSignatureKey() } });
            byte[] after = room[1].Say("after");
            Assert.IsType<Handled.Rejected>(twin.Group.Handle(after));
            room[1].Refuse(twin.Say("as before"), MlsError.WrongEpoch);
            room[1].Refuse(Forged(twin, room[1].Group.Epoch), MlsError.Undecryptable);
        }
    }

    /// <summary>Where keys of past epochs are kept, a late message is shown as of that epoch and leaf, and for that long only.</summary>
    [Fact]
    public void ALateMessageOfAFormerMemberIsOfTheEpochItWasAMemberIn()
    {
        using var room = Room.Of(3, prepare: client => client.Policy = client.Policy with { PastEpochs = 2 });
        using var former = Copy(room[2]);
        ulong epoch = room[0].Group.Epoch;
        room.Remove(room[0], room[2]);
        var late = room[0].Hear(former.Say("late"));
        Assert.Equal((epoch, "member 2"), (late.Epoch, Client.NameOf(late.SenderLeaf)));
        room.Commit(room[1], new CommitOptions());
        room.Commit(room[1], new CommitOptions());
        room[0].Refuse(former.Say("too late"), MlsError.WrongEpoch);
    }

    private static Client Copy(Client of)
    {
        var twin = new Client(of.Name, new SeededRandom(99)) { Policy = of.Policy };
        using var stored = of.Group.Serialize();
        twin.Adopt(Group.Restore(stored.Reveal(), of.SignatureKey, of.Policy));
        twin.Sign(of.SignatureKey);
        return twin;
    }

    /// <summary>How many path secrets of a commit open under any private key that a member of the epoch before has.</summary>
    private static int PathSecretsOpenedBy(Client former, byte[] commit, ReadOnlyMemory<byte> treeHash)
    {
        var (state, suite) = (former.Group.State, former.Suite);
        using var ratchets = Forgery.RatchetsOf(former);
        var opened = Tls.Decode<MlsMessage>(commit).PrivateMessage!.Unprotect(
            suite, state.Context, ratchets, state.Secrets.SenderDataSecret, sender => state.Tree.Leaf(sender.Leaf)?.SignatureKey);
        opened.Next.Dispose();
        byte[] context = Tls.Encode(state.Context with { Epoch = state.Context.Epoch + 1, TreeHash = treeHash });
        var secrets = ((CommitContent)opened.Content.Content.Content).Commit.Path!.Nodes.SelectMany(node => node.EncryptedPathSecret)
            .ToList();
        int count = 0;
        for (uint node = 0; node < TreeMath.NodeCount(state.Tree.LeafCount); node++)
        {
            if (!state.Keys.Has(new NodeIndex(node))) continue;
            using var key = state.Keys.Open(new NodeIndex(node));
            foreach (var secret in secrets)
            {
                using var found = suite.DecryptWithLabel(
                    key, Labels.UpdatePathNode, context, secret.KemOutput.Span, secret.Ciphertext.Span);
                if (found is not null) count++;
            }
        }
        return count;
    }

    /// <summary>A message of its old epoch that says it is of this one.</summary>
    private static byte[] Forged(Client by, ulong epoch)
    {
        var genuine = Tls.Decode<MlsMessage>(by.Say("now")).PrivateMessage!;
        return Tls.Encode(new MlsMessage(genuine with { Epoch = epoch }));
    }

    private void RefusedEverywhere(Client former)
    {
        using var self = _room.NewClient("friend").NewKeyPackage();
        var (own, other) = (Sender.Member(former.Group.OwnLeaf), new RemoveProposal(_room[0].Group.OwnLeaf));
        ulong epoch = _room[0].Group.Epoch;
        byte[][] messages =
        [
            former.Say("still here"),
            Forged(former, epoch),
            RogueCommit.Propose(former, other),
            RogueCommit.Propose(former, new AddProposal(self.KeyPackage)),
            RogueCommit.Of(former, new AddProposal(self.KeyPackage)),
            RogueCommit.Of(former, [], RogueCommit.Path(former)),
            Forgery.Public(former, new ProposalContent(other), own),
            Forgery.Public(former, new CommitContent(new Commit([], RogueCommit.Path(former))), own),
            Forgery.PublicOfEpoch(former, new ProposalContent(other), own, epoch),
            Forgery.PublicOfEpoch(former, new CommitContent(new Commit([], RogueCommit.Path(former))), own, epoch),
        ];
        foreach (var member in _room.Members)
        {
            var before = member.State();
            foreach (byte[] message in messages) Assert.IsType<Handled.Rejected>(member.Group.Handle(message));
            Assert.Equal(before, member.State());
        }
        _room.Say(_room[0], "among ourselves");
    }
}
