using Holdfast.Cryptography;

namespace Holdfast.Mls.Interop;

/// <summary>A group as one of the runner's members has it, with the keys that are the application's; it owns all of them.</summary>
internal sealed class MemberState(Group group, SignatureKey signatureKey, ExternalPsks psks, bool encryptHandshake) : IDisposable
{
    /// <summary>The scenarios come back to old epochs: far further than an application should let them.</summary>
    private const int PastEpochs = 16, PastResumptionPsks = 256;

    private PendingCommit? _pending;

    internal Group Group { get; private set; } = group;

    internal ExternalPsks Psks => psks;

    internal bool EncryptHandshake => encryptHandshake;

    /// <summary>Whom the runner brings together is its own affair: it knows its credentials.</summary>
    internal static GroupPolicy Policy(ExternalPsks psks, bool encryptHandshake) => new()
    {
        AcceptLeaf = static (_, _) => true,
        AcceptProposal = static (_, _) => true,
        AcceptExternalJoin = static _ => true,
        AcceptExternalSender = static _ => true,
        Psks = psks.Find,
        PastEpochs = PastEpochs,
        PastResumptionPsks = PastResumptionPsks,
        HandshakeFormat = encryptHandshake ? WireFormat.PrivateMessage : WireFormat.PublicMessage,
    };

    internal byte[] Protect(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> authenticatedData) =>
        Sent(Group.Protect(plaintext, authenticatedData, RandomSource.System));

    internal byte[] Propose(Proposal proposal) => Sent(Group.Propose(proposal, RandomSource.System));

    internal byte[] ProposeUpdate() => Sent(Group.ProposeUpdate(new LeafChanges(), RandomSource.System));

    /// <summary>Makes a commit of the given proposals and of all that are pending; it waits for <see cref="AdoptPending"/>.</summary>
    internal PendingCommit Commit(IReadOnlyList<Proposal> proposals, bool forcePath, bool treeBeside)
    {
        var options = new CommitOptions { Proposals = proposals, ForcePath = forcePath, TreeInWelcome = !treeBeside };
        var pending = Group.Commit(options, RandomSource.System);
        DropPending();
        _pending = pending;
        Adopt(pending.Current);
        return pending;
    }

    /// <summary>The commit we made has been accepted.</summary>
    internal void AdoptPending()
    {
        var pending = _pending ?? throw new InvalidOperationException("no commit is pending");
        _pending = null;
        Adopt(pending.Next);
    }

    /// <summary>Takes what others sent in this epoch; what we sent ourselves is known already.</summary>
    internal void HandleProposals(IEnumerable<ReadOnlyMemory<byte>> messages)
    {
        foreach (var message in messages)
        {
            switch (Group.Handle(message.Span))
            {
                case Handled.ProposalReceived received: Adopt(received.Next); break;
                case Handled.Rejected { Error: MlsError.OwnMessage }: break;
                case var other: throw Unexpected("proposal", other);
            }
        }
    }

    /// <summary>Follows another member's commit, in place of our own if one was pending.</summary>
    internal void HandleCommit(ReadOnlySpan<byte> message)
    {
        var handled = Group.Handle(message);
        if (handled is not Handled.CommitApplied applied) throw Unexpected("commit", handled);
        DropPending();
        Adopt(applied.Next);
    }

    internal (ReadOnlyMemory<byte> AuthenticatedData, byte[] Plaintext) Unprotect(ReadOnlySpan<byte> message)
    {
        var handled = Group.Handle(message);
        if (handled is not Handled.ApplicationReceived received) throw Unexpected("application message", handled);
        Adopt(received.Next);
        return (received.AuthenticatedData, received.Plaintext);
    }

    /// <summary>The leaf of the member with that identity.</summary>
    internal LeafIndex Find(ReadOnlySpan<byte> identity) => WireForms.LeafOf(Group.Members, identity);

    public void Dispose()
    {
        DropPending();
        Group.Dispose();
        signatureKey.Dispose();
        psks.Dispose();
    }

    private byte[] Sent(Protected message)
    {
        Adopt(message.Next);
        return message.Message;
    }

    private void Adopt(Group next)
    {
        Group.Dispose();
        Group = next;
    }

    private void DropPending()
    {
        _pending?.Next.Dispose();
        _pending = null;
    }

    private static Exception Unexpected(string expected, Handled handled) => handled is Handled.Rejected rejected
        ? new MlsException(rejected.Error, $"the {expected} is rejected: {rejected.Rule}")
        : new ArgumentException($"not a {expected} that can be followed: {handled.GetType().Name}");
}
