using Holdfast.Protocol;
using Microsoft.Extensions.Logging;

namespace Holdfast.Client;

/// <summary>What Client tells engineers: counts and reasons, never content, names, keys or passcodes.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Connected; {Conversations} conversations are brought in step.")]
    internal static partial void Connected(ILogger logger, int conversations);

    [LoggerMessage(2, LogLevel.Information, "Disconnected.")]
    internal static partial void Disconnected(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "The server refused a request: {Code}.")]
    internal static partial void RequestRefused(ILogger logger, RefusalCode code);

    [LoggerMessage(4, LogLevel.Warning, "The server refused a post: {Code}.")]
    internal static partial void PostRefused(ILogger logger, RefusalCode code);

    [LoggerMessage(5, LogLevel.Warning, "The vault refused a call: {Error}.")]
    internal static partial void VaultRefused(ILogger logger, VaultError error);

    [LoggerMessage(6, LogLevel.Information, "Put off what is due: {Kind}.")]
    internal static partial void DuePutOff(ILogger logger, DueKind kind);

    [LoggerMessage(7, LogLevel.Error, "A command failed by a mistake of ours.")]
    internal static partial void CommandFailed(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Information, "The agent ends: {Reason}.")]
    internal static partial void AgentEnds(ILogger logger, string reason);
}
