using System.Net;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server;

/// <summary>How a server runs.</summary>
/// <param name="Data">The folder that holds all it has; empty where a shared database does.</param>
internal sealed record ServerOptions(string Data)
{
    /// <summary>In place of a folder where there is none: nothing can be read or written there.</summary>
    public const string NoFolder = "/dev/null/no-folder";

    /// <summary>How the driver reaches a PostgreSQL that nodes share; null where the folder holds a SQLite database.</summary>
    public string? Database { get; init; }

    /// <summary>Where it listens; port 0 takes a free one.</summary>
    public Uri Listen { get; init; } = new("https://127.0.0.1:7443");

    /// <summary>Whether a proxy on this machine ends TLS, with the server's own certificate.</summary>
    public bool IsPlain => Listen.Scheme == Uri.UriSchemeHttp;

    /// <summary>The address invites carry, if it is another than the one it listens on.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>A PEM certificate; null makes one.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>Its key.</summary>
    public string? TlsKey { get; init; }

    /// <summary>After how many days everything goes.</summary>
    public int RetentionDays { get; init; } = 30;

    /// <summary>How many bytes may wait for a slow reader before it is told that it is behind.</summary>
    public int OutboundBytes { get; init; } = 4 << 20;

    /// <summary>Where totals can be read, on a loopback address; null for nowhere. Port 0 takes a free one.</summary>
    public Uri? Metrics { get; init; }

    /// <summary>Whether TLS 1.2 is spoken beside 1.3, with authenticated encryption only.</summary>
    public bool Tls12 { get; init; }

    /// <summary>Proxies in front, whose word is taken for where a request comes from.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>How many connections there may be at once.</summary>
    public int MostConnections { get; init; } = 20_000;

    /// <summary>How many of them one address may have.</summary>
    public int ConnectionsPerAddress { get; init; } = 500;

    /// <summary>How many posts a second one device may submit for as long as it likes; for a moment it may be sixty times as many.</summary>
    public int SendsPerSecond { get; init; } = 1_000;

    /// <summary>How many bytes of blobs one account may store in a day.</summary>
    public long BlobBytesPerDay { get; init; } = 64L << 30;

    /// <summary>How long ending may take: connections are ended one after the other, and what is under way is finished.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether diagnostics are one JSON object a line.</summary>
    public bool JsonDiagnostics { get; init; }

    /// <summary>What is worth writing to stderr.</summary>
    public LogLevel Diagnostics { get; init; } = LogLevel.Information;

    /// <summary>The database.</summary>
    public string DatabaseFile => Path.Combine(Data, "holdfast.db");

    /// <summary>There where all that the folder had was moved to PostgreSQL.</summary>
    public string MovedFile => Path.Combine(Data, "moved");

    /// <summary>The blobs.</summary>
    public string BlobFolder => Path.Combine(Data, "blobs");
}
