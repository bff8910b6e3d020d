namespace Holdfast.Mls.Tests.Simulation;

/// <summary>What the delivery service does: it puts handshake messages in an order and takes one commit an epoch (RFC 9420 §14).</summary>
internal sealed class DeliveryService
{
    private readonly List<Entry> _log = [];

    /// <summary>A handshake message in its place; by nobody where somebody joined by it from outside.</summary>
    internal sealed record Entry(Participant? By, byte[] Message, bool IsCommit);

    internal IReadOnlyList<Entry> Log => _log;

    internal ulong Epoch { get; private set; } = 1;

    /// <summary>Takes a message made in that epoch, if it is the present one.</summary>
    internal bool Post(Participant? by, byte[] message, bool isCommit, ulong epoch)
    {
        if (epoch != Epoch) return false;
        _log.Add(new Entry(by, message, isCommit));
        if (isCommit) Epoch++;
        return true;
    }
}
