using Holdfast.Cryptography;
using Holdfast.Server.Accounts;
using Holdfast.Server.Blobs;
using Holdfast.Server.Inboxes;
using Holdfast.Server.Invites;
using Holdfast.Server.KeyPackages;
using Holdfast.Server.Logs;

namespace Holdfast.Server.Storage;

/// <summary>Every feature's store over one connection: the writer thread has one set, each reader another.</summary>
internal sealed class Stores(Database database, RandomSource random) : IDisposable
{
    private const int PagesPerSweep = 256;

    public AccountStore Accounts { get; } = new(database, random);

    public InviteStore Invites { get; } = new(database);

    public KeyPackageStore KeyPackages { get; } = new(database);

    public LogStore Logs { get; } = database.NewLogs();

    public InboxStore Inboxes { get; } = new(database, random);

    public BlobStore Blobs { get; } = new(database);

    public Settings Settings { get; } = new(database);

    /// <summary>Gives some of the room that nothing needs any more back to the file system; returns how many pages.</summary>
    public long GiveBack() => database.GiveBack(PagesPerSweep);

    /// <summary>As <see cref="Database.Mix"/>.</summary>
    public void Mix(long inboxFrom, long keyPackagesFrom) => database.Mix(inboxFrom, keyPackagesFrom);

    /// <summary>As <see cref="Database.Serialize"/>.</summary>
    public void Serialize() => database.Serialize();

    /// <inheritdoc/>
    public void Dispose() => database.Dispose();
}
