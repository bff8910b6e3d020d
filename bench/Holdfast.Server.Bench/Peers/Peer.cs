using System.Globalization;

namespace Holdfast.Server.Bench.Peers;

/// <summary>An XMPP server that runs beside us.</summary>
/// <param name="Database">What it keeps its archive in.</param>
/// <param name="Port">Where it listens on loopback.</param>
/// <param name="Process">The number of its process.</param>
internal sealed record Peer(string Database, int Port, int Process)
{
    /// <summary>The processor time it has taken, in seconds.</summary>
    public double Processor => ServerNode.ProcessorOf(Process);

    /// <summary>DATABASE:PORT:PROCESS.</summary>
    public static Peer Parse(string text)
    {
        string[] parts = text.Split(':');
        return new(parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
