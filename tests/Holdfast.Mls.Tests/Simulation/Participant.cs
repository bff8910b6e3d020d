using Xunit;

namespace Holdfast.Mls.Tests.Simulation;

/// <summary>A member with its own view of things: it reads the log at its own pace, and may have a commit on its way.</summary>
internal sealed class Participant(Client client, int position) : IDisposable
{
    private PendingCommit? _held, _pending;
    private ulong _heldEpoch;
    private int _position = position;

    internal Client Client => client;

    internal bool HasPending => _held is not null || _pending is not null;

    /// <summary>Whether a commit of ours waits to be posted.</summary>
    internal bool IsHolding => _held is not null;

    /// <summary>Application messages that were heard, so that each is heard once.</summary>
    internal HashSet<Sent> Heard { get; } = [];

    internal bool IsBehind(DeliveryService service) => client.IsMember && _position < service.Log.Count;

    /// <summary>Makes a commit and posts it at once; returns it where the service took it.</summary>
    internal PendingCommit? Commit(DeliveryService service, CommitOptions options)
    {
        Hold(options);
        return Send(service);
    }

    /// <summary>ATTACKS B-30: makes a commit, which changes nothing here, and keeps it for a while.</summary>
    internal void Hold(CommitOptions options)
    {
        string before = client.State();
        var pending = client.Group.Commit(options, client.Random);
        Assert.Equal(before, client.State());
        client.Adopt(pending.Current);
        (_held, _heldEpoch) = (pending, client.Group.Epoch);
    }

    /// <summary>Posts the commit that was kept, whatever came meanwhile; returns it where the service took it.</summary>
    internal PendingCommit? Send(DeliveryService service)
    {
        var commit = _held!;
        _held = null;
        if (service.Post(this, commit.Message, isCommit: true, _heldEpoch)) return _pending = commit;
        commit.Next.Dispose();
        return null;
    }

    /// <summary>Reads one entry of the log. ATTACKS B-10, B-11: some come twice; the second changes nothing.</summary>
    internal void Read(DeliveryService service)
    {
        var entry = service.Log[_position++];
        if (entry.By == this) TakeOwn(entry);
        else TakeOther(entry);
        if (client.IsMember && client.Random.Below(4) == 0) Assert.IsType<Handled.Rejected>(client.Group.Handle(entry.Message));
    }

    /// <summary>ATTACKS B-10: an application message is heard once, and never again.</summary>
    internal void Hear(Sent sent)
    {
        if (Heard.Contains(sent))
        {
            Assert.IsType<Handled.Rejected>(client.Group.Handle(sent.Message));
            return;
        }
        var heard = client.Hear(sent.Message);
        Assert.Equal(sent.Text, heard.Plaintext);
        Assert.Equal(sent.By.Client.Name, Client.NameOf(heard.SenderLeaf));
        Assert.Equal(sent.Epoch, heard.Epoch);
        Heard.Add(sent);
    }

    /// <summary>Whether a message that was not heard yet can be: its epoch is one of those we keep.</summary>
    internal bool CanHear(Sent sent, ulong joinedAt) =>
        sent.By != this && sent.Epoch >= joinedAt && sent.Epoch <= client.Group.Epoch
            && sent.Epoch + (ulong)client.Policy.PastEpochs >= client.Group.Epoch;

    public void Dispose()
    {
        _held?.Next.Dispose();
        _pending?.Next.Dispose();
        client.Dispose();
    }

    private void TakeOwn(DeliveryService.Entry entry)
    {
        if (!entry.IsCommit) return;
        using var made = _pending!.Next;
        client.Adopt(made.After(client.Group));
        _pending = null;
    }

    private void TakeOther(DeliveryService.Entry entry)
    {
        switch (client.Group.Handle(entry.Message))
        {
            case Handled.ProposalReceived proposed: client.Adopt(proposed.Next); break;
            case Handled.CommitApplied applied: client.Adopt(applied.Next); break;
            case Handled.RemovedFromGroup: client.Leave(); break;
            case var other: Assert.Fail($"{client.Name} in epoch {client.Group.Epoch}: {other}"); break;
        }
    }
}

/// <summary>An application message on its way.</summary>
internal sealed record Sent(Participant By, ulong Epoch, byte[] Text, byte[] Message);
