namespace Holdfast.Cli.Terminal;

/// <summary>Whoever read our standard output has gone (<c>| head</c>): nothing is left to do, and nothing is wrong.</summary>
internal sealed class ClosedOutputException(Exception cause) : Exception("the reader of standard output has gone", cause);
