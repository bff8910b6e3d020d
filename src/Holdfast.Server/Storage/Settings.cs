using System.Text;

namespace Holdfast.Server.Storage;

/// <summary>The few facts about this server that outlive a run.</summary>
internal sealed class Settings(Database database)
{
    internal const string Tables = "CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";

    /// <summary>The address that invites carry, as the operator gave it.</summary>
    public const string PublicUrl = "public_url";

    /// <summary>The address the server last listened on.</summary>
    public const string ListenUrl = "listen_url";

    /// <summary>SHA-256 of the TLS certificate's public key.</summary>
    public const string ServerKey = "server_key";

    /// <summary>Where nodes share a database: the certificate they all present, as PEM.</summary>
    public const string TlsCertificate = "tls_certificate";

    /// <summary>Its key, as PEM: it protects connections, never a message.</summary>
    public const string TlsKey = "tls_key";

    /// <summary>Set with the owner's invite, at the very first start.</summary>
    public const string OwnerInvited = "owner_invited";

    /// <summary>Rewritten to find out whether the disk takes writes again.</summary>
    public const string Probe = "probe";

    /// <summary>How often this server was restored from a backup.</summary>
    public const string Restored = "restored";

    private readonly Statement _get = database.Prepare("SELECT value FROM settings WHERE name = $1");
    private readonly Statement _set = database.Prepare("INSERT INTO settings VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value");

    /// <summary>A value, or null.</summary>
    public byte[]? Get(string name) => _get.Start().With(name).First(static row => row.Bytes(0).ToArray());

    /// <summary>A value as text, or null.</summary>
    public string? Text(string name) => Get(name) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>Keeps a value.</summary>
    public void Set(string name, ReadOnlySpan<byte> value) => _set.Start().With(name).With(value).Run();

    /// <summary>Keeps text.</summary>
    public void Set(string name, string value) => Set(name, Encoding.UTF8.GetBytes(value));
}
