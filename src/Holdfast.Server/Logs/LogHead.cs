using Holdfast.Protocol;

namespace Holdfast.Server.Logs;

/// <summary>The end of a log while a batch is decided.</summary>
internal sealed class LogHead(long position, long lastCommit)
{
    /// <summary>The last position.</summary>
    public long Position { get; private set; } = position;

    /// <summary>The position of the last commit; 0 where there was none.</summary>
    public long LastCommit { get; private set; } = lastCommit;

    /// <summary>Whether something was appended.</summary>
    public bool HasMoved { get; private set; }

    /// <summary>
    /// The rule that decides: the next position, if no commit lies behind what the sender has seen and it has not seen more than there is; else null.
    /// </summary>
    public ulong? Advance(Post post)
    {
        if (post.Position < (ulong)LastCommit || post.Position > (ulong)Position) return null;
        Position++;
        if (post.Kind == PostKind.Commit) LastCommit = Position;
        HasMoved = true;
        return (ulong)Position;
    }
}
