using System.Diagnostics;
using Grpc.Net.Client;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>One process that answers the MLSClient service, and a connection to it.</summary>
public sealed class InteropServer : IAsyncDisposable
{
    private const string Greeting = "listening on ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly GrpcChannel _channel;
    private readonly Task _drained;

    private InteropServer(Process process, string address)
    {
        _process = process;
        _drained = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());   // a full pipe would stop it
        _channel = GrpcChannel.ForAddress($"http://{address}", new GrpcChannelOptions { MaxReceiveMessageSize = null });
        Client = new MLSClient.MLSClientClient(_channel);
    }

    public MLSClient.MLSClientClient Client { get; }

    internal GrpcChannel Channel => _channel;

    public static async Task<InteropServer> StartAsync()
    {
        var process = InteropProgram.Start("serve", "--port", "0");
        try
        {
            string line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? "";
            return line.StartsWith(Greeting, StringComparison.Ordinal)
                ? new InteropServer(process, line[Greeting.Length..])
                : throw new InvalidOperationException($"instead of listening: {line} {await process.StandardError.ReadToEndAsync()}");
        }
        catch
        {
            End(process);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        if (!_process.HasExited) _process.Kill();
        await _drained;
        _process.Dispose();
    }

    private static void End(Process process)
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
