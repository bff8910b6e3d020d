namespace Holdfast.Server;

/// <summary>The server cannot start; the message is one sentence that says what to do.</summary>
internal sealed class StartupException(string message) : Exception(message);
