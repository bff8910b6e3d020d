using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// How much history a caller reads back, by pages, by searching or by files' keys, without anybody having shown the passcode just before: whoever has taken over
/// the normal world of an open profile gets what is read while he is there, and not in a moment all that was ever said.
/// </summary>
internal sealed class ReadQuota(TimeProvider clock)
{
    /// <summary>So many old messages in <see cref="Span"/>, whenever it is taken to begin; the page that reaches it is given whole.</summary>
    internal const int Messages = 2_000;

    private static readonly TimeSpan Span = TimeSpan.FromMinutes(1);

    private readonly Queue<(DateTimeOffset At, int Count)> _recent = [];   // the last minute's
    private DateTimeOffset _shown = DateTimeOffset.MinValue;
    private int _read;

    /// <summary>The passcode was shown: until <see cref="Span"/> is over, as much is read as is asked for.</summary>
    internal void Lift() => _shown = clock.GetUtcNow();

    /// <summary>Whether as much as is allowed was read.</summary>
    internal bool IsReached
    {
        get
        {
            while (_recent.TryPeek(out var oldest) && IsOver(oldest.At)) _read -= _recent.Dequeue().Count;
            return _read >= Messages && IsOver(_shown);
        }
    }

    /// <exception cref="VaultException">As much as is allowed was read.</exception>
    internal void Require()
    {
        if (!IsReached) return;
        throw new VaultException(
            VaultError.QuotaReached, $"More than {Messages} messages were read back within a minute. Wait a minute, or type the passcode again: \"holdfast unlock\".");
    }

    /// <summary>Counts what was read.</summary>
    internal void Count(int messages)
    {
        if (messages == 0) return;
        _recent.Enqueue((clock.GetUtcNow(), messages));
        _read += messages;
    }

    /// <summary>A clock that was put back forgets what was read before: who can put it back needs no vault to read.</summary>
    private bool IsOver(DateTimeOffset since) => clock.GetUtcNow() is var now && (now < since || now - since >= Span);
}
