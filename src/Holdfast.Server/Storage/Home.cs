using System.Security.Cryptography.X509Certificates;
using Holdfast.Server.Blobs;

namespace Holdfast.Server.Storage;

/// <summary>Where a server has all that it has: a folder of its own with SQLite, or a PostgreSQL that it shares with other nodes.</summary>
internal abstract class Home : IDisposable
{
    /// <summary>The connection that writes.</summary>
    public abstract Database Database { get; }

    /// <summary>The bytes of blobs.</summary>
    public abstract IBlobContents Blobs { get; }

    /// <summary>Another connection.</summary>
    public abstract Database Connect();

    /// <summary>The server's TLS certificate, which is made where there is none.</summary>
    public abstract X509Certificate2 Certificate(TimeProvider clock);

    /// <summary>What went wrong with it, as a sentence that says what to do.</summary>
    public abstract StartupException Explain(Exception failure);

    /// <summary>Opens what the options name.</summary>
    /// <exception cref="StartupException">It cannot be used; the message says what to do.</exception>
    public static Home Open(ServerOptions options, TimeProvider clock) =>
        options.Database is { } address ? Postgres.PostgresHome.OpenShared(address, options) : DataFolder.OpenFolder(options, clock);

    /// <inheritdoc/>
    public abstract void Dispose();
}
