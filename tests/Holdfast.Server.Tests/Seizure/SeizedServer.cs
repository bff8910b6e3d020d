using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests.Seizure;

/// <summary>A server's disk in the hands of somebody else: a copy of its folder, and what it has written to its two streams.</summary>
internal sealed class SeizedServer : Seized
{
    private readonly string _folder;
    private List<byte[]> _raw = [];
    private List<SeizedBlob> _blobs = [];

    private SeizedServer(string folder) => _folder = folder;

    /// <summary>Names of files, from the folder on.</summary>
    public IReadOnlyList<string> Files { get; private set; } = [];

    /// <inheritdoc/>
    public override IReadOnlyList<SeizedBlob> Blobs => _blobs;

    /// <summary>Standard error, line by line.</summary>
    public IReadOnlyList<string> Diagnostics { get; init; } = [];

    /// <summary>Takes a copy with all times kept, whether or not a server is running there.</summary>
    public static async Task<SeizedServer> TakeAsync(string data, IReadOnlyList<string>? diagnostics = null)
    {
        Assert.True(File.Exists(Path.Combine(data, "holdfast.db")), $"there is no server's folder in \"{data}\"");   // or all of the machine would be copied
        string copy = TestServer.NewFolder();
        using (var process = Process.Start("cp", ["-a", data + "/.", copy]))
        {
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
        var seized = new SeizedServer(copy) { Diagnostics = diagnostics ?? [] };
        seized.Look();
        return seized;
    }

    /// <summary>Looks again, after somebody has planted something. The bytes come first: opening the database changes its files.</summary>
    public void Look()
    {
        Files = [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder, file)).Order()];
        _raw = [.. Files.Select(file => File.ReadAllBytes(PathOf(file)))];
        _blobs = [.. new DirectoryInfo(Path.Combine(_folder, "blobs")).EnumerateFiles("*", SearchOption.AllDirectories)
            .Select(static file => new SeizedBlob(file.Name, file.Length, file.LastWriteTimeUtc))];
        Database = SeizedDatabase.ReadSqlite(Path.Combine(_folder, "holdfast.db"));
    }

    /// <summary>A file of the copy.</summary>
    public string PathOf(string file) => Path.Combine(_folder, file);

    /// <inheritdoc/>
    public override byte[] CertificateKey()
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(PathOf("tls.crt"));
        return SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    /// <inheritdoc/>
    public override bool Contains(ReadOnlySpan<byte> bytes)
    {
        foreach (byte[] file in _raw)
            if (file.AsSpan().IndexOf(bytes) >= 0) return true;
        return false;
    }

    /// <inheritdoc/>
    public override void Dispose() => Directory.Delete(_folder, recursive: true);
}
