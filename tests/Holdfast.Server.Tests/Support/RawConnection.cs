using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Holdfast.Server.Tests.Support;

/// <summary>Bytes over TLS, as no client would send them.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly SslStream _stream;

    private RawConnection(TcpClient client, SslStream stream) => (_client, _stream) = (client, stream);

    public SslProtocols Protocol => _stream.SslProtocol;

    public TlsCipherSuite Suite => _stream.NegotiatedCipherSuite;

    public static async Task<RawConnection> OpenAsync(Endpoint endpoint, SslProtocols protocols = SslProtocols.None, params TlsCipherSuite[] suites)
    {
        var client = new TcpClient();
        await client.ConnectAsync(endpoint.Address.Host, endpoint.Address.Port);
        var stream = new SslStream(client.GetStream());
        using var pinned = endpoint.Pinned();
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost", EnabledSslProtocols = protocols,
                RemoteCertificateValidationCallback = pinned.SslOptions.RemoteCertificateValidationCallback,
                CipherSuitesPolicy = suites.Length > 0 && !OperatingSystem.IsWindows() ? new CipherSuitesPolicy(suites) : null,
            });
        }
        catch
        {
            await stream.DisposeAsync();
            client.Dispose();
            throw;
        }
        return new(client, stream);
    }

    /// <summary>Sends; false where the server has hung up.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes);
            await _stream.FlushAsync();
            return true;
        }
        catch (IOException) { return false; }
    }

    /// <summary>All that comes until the server closes, or says nothing more for as long as this.</summary>
    public async Task<(string Text, bool Closed)> ReadAllAsync(TimeSpan quiet)
    {
        byte[] buffer = new byte[16 << 10];
        var text = new StringBuilder();
        while (true)
        {
            using var patience = new CancellationTokenSource(quiet);
            try
            {
                int count = await _stream.ReadAsync(buffer, patience.Token);
                if (count == 0) return ($"{text}", true);
                text.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
            catch (IOException) { return ($"{text}", true); }
            catch (OperationCanceledException) { return ($"{text}", false); }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _client.Dispose();
    }
}
