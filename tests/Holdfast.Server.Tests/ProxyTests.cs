using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>
/// The packaged configurations, in the real programs: what can be read in two ways reaches the server in no other way than the proxy has read it.
/// </summary>
[Trait(Place.Trait, Place.Sqlite)]
public sealed class ProxyTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    [Theory, InlineData("nginx.conf"), InlineData("haproxy.cfg"), InlineData("nginx-same-certificate.conf")]
    public async Task NoRequestIsSeenThatTheProxyHasNotSeen(string configuration)
    {
        await using var server = await TestServer.StartAsync();
        await using var member = await server.ConnectAsync();
        byte[] token = RandomSource.System.PublicBytes(16);
        (await member.HttpAsync(Rest.Invites, new InviteUpload(InviteSecret.TokenHash(token), 1, ProtocolLimits.InviteUses))).EnsureSuccessStatusCode();
        long before = server.Node.Metrics.InvitesUsed.Value;
        await using var proxy = await Proxy.StartAsync(configuration, server);
        Assert.SkipWhen(proxy is null, "nginx with its stream module, or haproxy, is not installed or may not be started");
        using (var well = await proxy.Endpoint.Http.GetAsync(new Uri(Rest.Health, UriKind.Relative), TestContext.Current.CancellationToken))
            Assert.Equal(HttpStatusCode.OK, well.StatusCode);
        string[] forms = SmugglingTests.Forms();
        Assert.True(forms.Length > 40, $"only {forms.Length} forms");
        await Task.WhenAll(forms.Select(async form =>
        {
            await using var connection = await RawConnection.OpenAsync(proxy.Endpoint);
            await connection.SendAsync(SmugglingTests.Bytes("POST /v1/accounts HTTP/1.1\r\nHost: a\r\n" + form, token));
            await connection.ReadAllAsync(Quiet);
        }));
        await Eventually.Async(async () => server.Node.Metrics.InvitesUsed.Value - before <= await proxy.RegistrationsSeenAsync());   // it notes them afterwards
    }

    /// <summary>One of the programs before a server, on a port of its own.</summary>
    private sealed class Proxy : IAsyncDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-test-proxy-").FullName;
        private Process? _process;

        public Endpoint Endpoint { get; private set; } = null!;

        private string Accesses => Path.Combine(_folder, "access.log");

        public static async Task<Proxy?> StartAsync(string configuration, TestServer server)
        {
            var proxy = new Proxy();
            try
            {
                await proxy.StartProgramAsync(configuration, server);
                return proxy;
            }
            catch (Exception missing) when (missing is System.ComponentModel.Win32Exception or InvalidOperationException)
            {
                await proxy.DisposeAsync();
                return null;
            }
        }

        /// <summary>
        /// How many registrations a proxy that reads requests has passed on and seen accepted, or whose answer nobody waited for (499); none where it passes
        /// TLS through.
        /// </summary>
        public async Task<int> RegistrationsSeenAsync()
        {
            if (!File.Exists(Accesses)) return 0;
            string[] lines = await File.ReadAllLinesAsync(Accesses);
            return lines.Count(static line => line.Contains("POST /v1/accounts HTTP/1.1\" 200 ", StringComparison.Ordinal) ||
                line.Contains("POST /v1/accounts HTTP/1.1\" 499 ", StringComparison.Ordinal));
        }

        public async ValueTask DisposeAsync()
        {
            Endpoint?.Dispose();
            if (_process is { HasExited: false })
            {
                using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])) await kill.WaitForExitAsync();
                await _process.WaitForExitAsync();
            }
            _process?.Dispose();
            Directory.Delete(_folder, recursive: true);
        }

        private async Task StartProgramAsync(string configuration, TestServer server)
        {
            int port = FreePort();
            string packaged = Path.Combine(AppContext.BaseDirectory, "proxy", configuration), file = Path.Combine(_folder, configuration);
            string text = (await File.ReadAllTextAsync(packaged))
                .Replace("127.0.0.1:7444", $"127.0.0.1:{server.Endpoint.Address.Port}", StringComparison.Ordinal)
                .Replace("bind :7443", $"bind 127.0.0.1:{port}", StringComparison.Ordinal)
                .Replace("listen 7443", $"listen 127.0.0.1:{port}", StringComparison.Ordinal)
                .Replace("maxconn 32768", "maxconn 1000", StringComparison.Ordinal)   // what a test's user may have
                .Replace("/etc/holdfast", server.Options.Data, StringComparison.Ordinal)
                .Replace("http {\n    access_log off;", $"http {{\n    access_log {Accesses};", StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, text);
            string[] words = configuration.StartsWith("nginx", StringComparison.Ordinal)
                ? ["nginx", "-c", file, "-g", $"daemon off; pid {_folder}/pid; error_log {_folder}/error.log;"]
                : ["haproxy", "-db", "-f", file];
            _process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Endpoint = new Endpoint(new UriBuilder("https", "127.0.0.1", port).Uri, server.Node.ServerKey);
            await Eventually.Async(async () =>
            {
                if (_process.HasExited) throw new InvalidOperationException($"{words[0]} ended");
                using var probe = new TcpClient();
                try { await probe.ConnectAsync(IPAddress.Loopback, port); }
                catch (SocketException) { return false; }
                return true;
            });
        }

        private static int FreePort()
        {
            var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            listener.Stop();
            return port;
        }
    }
}
