namespace Holdfast.Vault.Pages;

/// <summary>An open file of a store, as SQLite holds it.</summary>
internal sealed class FileHandle(PageVfs owner, SealedFile file)
{
    /// <summary>The file.</summary>
    /// <exception cref="ObjectDisposedException">The store has been closed under a connection that lingers.</exception>
    internal SealedFile File
    {
        get
        {
            ObjectDisposedException.ThrowIf(owner.Files.IsClosed, this);
            return file;
        }
    }

    /// <summary>SQLite is through with it.</summary>
    internal void Close() => owner.Release();

    /// <summary>Keeps what went wrong, and says it as SQLite understands it.</summary>
    internal int Failed(Exception failure, int otherwise)
    {
        owner.Files.Failure = failure;
        return failure switch
        {
            StoreDamage => NativeSqlite.ErrorAuthentication,
            _ when DiskIsFull(failure) => NativeSqlite.Full,
            _ => otherwise,
        };
    }

    /// <summary>No space, no quota, or as large as a file may be; .NET says the last one in its own way.</summary>
    private static bool DiskIsFull(Exception failure) =>
        failure is ArgumentOutOfRangeException
        || (failure is IOException && (OperatingSystem.IsWindows()
            ? failure.HResult is unchecked((int)0x80070070) or unchecked((int)0x80070027)
            : failure.HResult is 28 or 27 or 122 or 69));
}
