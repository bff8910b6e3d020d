namespace Holdfast.Server.Storage;

/// <summary>The database refused: its disk is full or failing, it cannot be reached, or the file is not what it should be.</summary>
/// <param name="code">SQLite's extended result code, or PostgreSQL's SQLSTATE.</param>
/// <param name="message">What it says.</param>
/// <param name="inner">Where it came from, if from an exception.</param>
internal sealed class StorageException(string code, string message, Exception? inner = null) : Exception($"{message} ({code})", inner)
{
    /// <summary>What is done about a disk that is full, and about one that fails: the same whatever lies on it.</summary>
    public const string MakeRoom = "Make room on the disk", LookAfterDisk = "Look after the disk, of which the system's log says more";

    /// <summary>SQLite's extended result code, or PostgreSQL's SQLSTATE; empty where it cannot be reached.</summary>
    public string Code { get; } = code;

    /// <summary>SQLite's extended result code; 0 of another database.</summary>
    public int SqliteCode { get; init; }

    /// <summary>What whoever looks after the server does about it, as the beginning of a sentence.</summary>
    public string Advice { get; init; } = "Look after the database";

    /// <summary>
    /// The system could not bring to the disk what was written, and has forgotten that it should: another try would come back well without having
    /// written it.
    /// </summary>
    public bool IsSyncFailure { get; init; }
}
