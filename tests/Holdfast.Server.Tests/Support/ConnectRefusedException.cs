namespace Holdfast.Server.Tests.Support;

/// <summary>The server did not open a WebSocket.</summary>
internal sealed class ConnectRefusedException(int status, bool saysWhen) : Exception($"refused with {status}")
{
    public int Status => status;

    /// <summary>Whether it says after how long to come again.</summary>
    public bool SaysWhen => saysWhen;
}
