namespace Holdfast.Server.Storage;

/// <summary>The database refused: its disk is full or failing, or the file is not what it should be.</summary>
internal sealed class StorageException(int code, string message) : Exception($"{message} (SQLite {code})")
{
    /// <summary>SQLite's extended result code.</summary>
    public int Code { get; } = code;
}
