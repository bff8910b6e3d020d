using Holdfast.Codec;

namespace Holdfast.Mls;

public sealed partial class Group
{
    /// <summary>From this many messages on it pays to have other threads verify.</summary>
    private const int LeastBatch = 16;

    /// <summary>
    /// So many generations a run goes through, those included that its messages skip: as long as it lasts, it holds the decrypted messages
    /// and every key that was passed over.
    /// </summary>
    private const long LongestRun = 1024;

    /// <summary>
    /// Takes many messages in their order, as after a time offline. Each outcome is what <see cref="Handle(ReadOnlySpan{byte}, DateTimeOffset?)"/>
    /// gives when asked one after the other, each time of the newest group; but runs of application messages have their signatures verified
    /// on all cores (<see cref="GroupPolicy.Parallelism"/>) while the ratchets step on here.
    /// </summary>
    /// <param name="mlsMessages">The messages, oldest first.</param>
    /// <param name="now">As for a single message.</param>
    /// <returns>
    /// An outcome for each. The last that has a next group has the one to go on with, which is the caller's, as this group still is; those
    /// in between are disposed. After <see cref="Handled.RemovedFromGroup"/> or <see cref="Handled.Stranded"/> the rest is handled by the
    /// group before.
    /// </returns>
    public IReadOnlyList<Handled> HandleBatch(IReadOnlyList<ReadOnlyMemory<byte>> mlsMessages, DateTimeOffset? now = null)
    {
        var outcomes = new List<Handled>(mlsMessages.Count);
        var current = this;
        bool trust = _policy.Parallelism.IsOn;   // until a signature is bad: opening twice what follows it must not become a habit
        while (outcomes.Count < mlsMessages.Count)
        {
            if (trust && mlsMessages.Count - outcomes.Count >= LeastBatch) GoOnWith(current.HandleRun(mlsMessages, outcomes, out trust));
            if (outcomes.Count == mlsMessages.Count) break;
            var outcome = current.Handle(mlsMessages[outcomes.Count].Span, now);   // a commit, a proposal, or one that is refused
            outcomes.Add(outcome);
            if (NextOf(outcome) is { } next) GoOnWith(next);
        }
        return outcomes;

        void GoOnWith(Group next)
        {
            if (current != this && current != next) current.Dispose();   // or each would keep what the next has given up
            current = next;
        }
    }

    /// <summary>The group that an outcome leads to, or null where it leads to none.</summary>
    internal static Group? NextOf(Handled outcome) => outcome switch
    {
        Handled.ApplicationReceived received => received.Next,
        Handled.ProposalReceived received => received.Next,
        Handled.CommitApplied applied => applied.Next,
        _ => null,
    };

    /// <summary>
    /// Opens the next messages as long as they are genuine application messages of this epoch, taking for granted that their signatures are
    /// good, while other threads verify. What follows one that is not good is forgotten, and begins again with the group before it.
    /// </summary>
    private Group HandleRun(IReadOnlyList<ReadOnlyMemory<byte>> messages, List<Handled> outcomes, out bool allGood)
    {
        var verification = new Verification();
        var opened = new List<OpenedMessage>();
        try
        {
            _policy.Parallelism.Start(verification.Help);
            var ratchets = _ratchets;
            long generations = 0;
            for (int i = outcomes.Count; i < messages.Count && generations < LongestRun && TryOpen(messages[i].Span, ratchets) is { } message; i++)
            {
                opened.Add(message);
                verification.Add(message);
                generations += 1 + message.Next.Head(message.Sender) - ratchets.Head(message.Sender);
                ratchets = message.Next;
            }
            int good = verification.Finish();
            allGood = good == opened.Count;
            var current = this;
            foreach (var message in opened.Take(good))
            {
                var received = message.Received(Epoch, current.With(message.AdoptNext()));
                outcomes.Add(received);
                if (current != this) current.Dispose();
                current = received.Next;
            }
            return current;
        }
        finally
        {
            verification.Finish();
            foreach (var message in opened) message.Dispose();
        }
    }

    /// <summary>Null for a message that is to be handled by itself, be it only to say what is wrong with it.</summary>
    private OpenedMessage? TryOpen(ReadOnlySpan<byte> message, SecretTree ratchets)
    {
        if (State.ReInit is not null || !ApplicationMessage.IsOf(State.Context, message)) return null;
        try { return ApplicationMessage.Open(State, ratchets, message); }
        catch (CodecException) { return null; }
        catch (MlsException) { return null; }
    }

    /// <summary>Signatures that wait to be verified, by whichever thread comes first.</summary>
    private sealed class Verification
    {
        private readonly object _gate = new();
        private readonly List<OpenedMessage> _messages = [];
        private int _next, _running;
        private int _firstBad = int.MaxValue;
        private bool _complete;

        internal void Add(OpenedMessage message)
        {
            lock (_gate)
            {
                _messages.Add(message);
                Monitor.Pulse(_gate);
            }
        }

        /// <summary>Verifies what comes until all has come.</summary>
        internal void Help()
        {
            while (Take(wait: true) is { } index) Verify(index);
        }

        /// <summary>Verifies what is left, and waits for what others have begun; says how many are good before the first that is not.</summary>
        internal int Finish()
        {
            lock (_gate)
            {
                _complete = true;
                Monitor.PulseAll(_gate);
            }
            while (Take(wait: false) is { } index) Verify(index);
            lock (_gate)
            {
                while (_running > 0) Monitor.Wait(_gate);
                return Math.Min(_firstBad, _messages.Count);
            }
        }

        private int? Take(bool wait)
        {
            lock (_gate)
            {
                while (wait && _next == _messages.Count && !_complete) Monitor.Wait(_gate);
                if (_next == _messages.Count) return null;
                _running++;
                return _next++;
            }
        }

        private void Verify(int index)
        {
            OpenedMessage message;
            lock (_gate) message = _messages[index];
            bool good = false;
            try
            {
                good = message.HasGoodSignature();
            }
            finally
            {
                lock (_gate)
                {
                    if (!good) _firstBad = Math.Min(_firstBad, index);
                    if (--_running == 0) Monitor.PulseAll(_gate);   // even if it threw: nobody waits for ever
                }
            }
        }
    }
}
