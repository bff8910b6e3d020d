using Microsoft.Extensions.Logging;

namespace Holdfast.Server;

/// <summary>How a server runs.</summary>
/// <param name="Data">The folder that holds all it has.</param>
internal sealed record ServerOptions(string Data)
{
    /// <summary>Where it listens; port 0 takes a free one.</summary>
    public Uri Listen { get; init; } = new("https://127.0.0.1:7443");

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

    /// <summary>How long ending may take: connections are ended one after the other, and what is under way is finished.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What is worth writing to stderr.</summary>
    public LogLevel Diagnostics { get; init; } = LogLevel.Information;

    /// <summary>The database.</summary>
    public string DatabaseFile => Path.Combine(Data, "holdfast.db");

    /// <summary>The blobs.</summary>
    public string BlobFolder => Path.Combine(Data, "blobs");
}
