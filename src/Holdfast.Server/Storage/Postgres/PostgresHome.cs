using System.Security.Cryptography.X509Certificates;
using Holdfast.Server.Blobs;
using Holdfast.Server.Certificates;

namespace Holdfast.Server.Storage.Postgres;

/// <summary>
/// A PostgreSQL that any number of nodes share. Nothing is kept on a node's own disk: the certificate that clients pin is in the database, too,
/// unless files are named.
/// </summary>
internal sealed class PostgresHome : Home
{
    private readonly ServerOptions _options;
    private readonly PostgresDatabase _database;
    private readonly PostgresBlobs _blobs;

    private PostgresHome(string address, ServerOptions options, PostgresDatabase database)
    {
        (Address, _options, _database) = (address, options, database);
        _blobs = new PostgresBlobs(address);
    }

    /// <summary>What the driver wants to know.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public override PostgresDatabase Database => _database;

    /// <inheritdoc/>
    public override IBlobContents Blobs => _blobs;

    /// <summary>Connects, and makes the tables where there are none.</summary>
    /// <exception cref="StartupException">It cannot be used; the message says what to do.</exception>
    public static PostgresHome OpenShared(string address, ServerOptions options)
    {
        PostgresDatabase? database = null;
        try
        {
            database = PostgresDatabase.OpenShared(address);
            PostgresSchema.Ensure(database);
            return new PostgresHome(address, options, database);
        }
        catch (Exception failure)
        {
            database?.Dispose();
            if (failure is StorageException storage) throw Sentence(storage);
            throw;
        }
    }

    /// <inheritdoc/>
    public override PostgresDatabase Connect() => new(Address);

    /// <summary>The given one; else the database's own, which the first node to start makes.</summary>
    public override X509Certificate2 Certificate(TimeProvider clock)
    {
        if (_options.TlsCertificate is not null) return ServerCertificate.Load(_options, clock);
        var settings = new Settings(_database);
        _database.Begin();
        try
        {
            _database.Serialize();
            if (settings.Text(Settings.TlsCertificate) is null)
            {
                var (certificate, key) = ServerCertificate.Make(clock);
                settings.Set(Settings.TlsCertificate, certificate);
                settings.Set(Settings.TlsKey, key);
            }
            string pem = settings.Text(Settings.TlsCertificate)!, keyPem = settings.Text(Settings.TlsKey)!;
            _database.Commit();
            return X509Certificate2.CreateFromPem(pem, keyPem);
        }
        finally { _database.Rollback(); }
    }

    /// <inheritdoc/>
    public override StartupException Explain(Exception failure) =>
        failure is StorageException storage ? Sentence(storage) : new StartupException("The database cannot be used: its log says why.");

    /// <inheritdoc/>
    public override void Dispose()
    {
        _database.Dispose();
        _blobs.DisposeAsync().AsTask().Wait();
    }

    private static StartupException Sentence(StorageException failure) => new(
        $"The database cannot be used: {failure.Message}. Look whether it runs and lets this user in, and whether --database names it.");
}
