using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Holdfast.Client.Tests.Support;

/// <summary>What an agent logs as a mistake of ours.</summary>
internal sealed class Mistakes : ILogger
{
    public ConcurrentQueue<Exception> Seen { get; } = [];

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) Seen.Enqueue(exception ?? new InvalidOperationException(formatter(state, null)));
    }
}
