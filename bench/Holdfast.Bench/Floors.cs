using System.Diagnostics;
using System.Security.Cryptography;
using Holdfast.Cryptography;

namespace Holdfast.Bench;

/// <summary>What the machine can do at best: the operations are judged against these as much as against their bars.</summary>
internal static class Floors
{
    private const int Block = 4096, ChunkBytes = 64 << 10;

    /// <summary>Appends of 4 KiB, each of them on disk before the next: one writer without group commit.</summary>
    public static double SyncedAppendsPerSecond(string folder, int count)
    {
        string path = Path.Combine(folder, "appends");
        byte[] block = RandomNumberGenerator.GetBytes(Block);
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, Options = FileOptions.DeleteOnClose,
        });
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < count; i++)
        {
            file.Write(block);
            file.Flush(flushToDisk: true);
        }
        return count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>A signature and its verification for each message, on one core.</summary>
    public static double SignaturesPerSecond(int count)
    {
        var scheme = CipherSuite.Mandatory.Signature;
        using var key = scheme.Generate(RandomSource.System);
        byte[] message = RandomNumberGenerator.GetBytes(200);
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < count; i++)
            if (!scheme.Verify(key.PublicKey.Span, message, key.Sign(message))) throw new CryptographicException("a signature does not verify");
        return count / watch.Elapsed.TotalSeconds;
    }

    /// <summary>A copy of a file that is on disk at the end.</summary>
    public static double CopyMegabytesPerSecond(string path, string folder)
    {
        string copy = Path.Combine(folder, "copy");
        var watch = Stopwatch.StartNew();
        using (FileStream from = File.OpenRead(path), to = File.Create(copy))
        {
            from.CopyTo(to, 1 << 20);
            to.Flush(flushToDisk: true);
        }
        double seconds = watch.Elapsed.TotalSeconds;
        double megabytes = new FileInfo(copy).Length / 1e6;
        File.Delete(copy);
        return megabytes / seconds;
    }

    /// <summary>Reading, AES-256-GCM in chunks and SHA-256 of the result, on one core.</summary>
    public static double SealMegabytesPerSecond(string path)
    {
        byte[] chunk = new byte[ChunkBytes], output = new byte[ChunkBytes], tag = new byte[AesGcm.TagByteSizes.MaxSize], nonce = new byte[12];
        using var cipher = new AesGcm(RandomNumberGenerator.GetBytes(32), tag.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenRead(path);
        var watch = Stopwatch.StartNew();
        for (int length, number = 0; (length = file.ReadAtLeast(chunk, ChunkBytes, throwOnEndOfStream: false)) > 0; number++)
        {
            BitConverter.TryWriteBytes(nonce, number);
            cipher.Encrypt(nonce, chunk.AsSpan(0, length), output.AsSpan(0, length), tag);
            hash.AppendData(output, 0, length);
            hash.AppendData(tag);
        }
        return file.Length / 1e6 / watch.Elapsed.TotalSeconds;
    }
}
