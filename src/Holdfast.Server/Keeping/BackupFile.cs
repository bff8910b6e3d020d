using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Server.Storage;

namespace Holdfast.Server.Keeping;

/// <summary>
/// How a backup is written: one file, so that it is there whole or not at all. A mark and a version; then for each file its name, its size and its bytes; then
/// an empty name and SHA-256 over everything before. The checksum finds damage, not a forger: who can write backups can write the server's folder.
/// </summary>
internal static class BackupFile
{
    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    private const int CopyBytes = 1 << 20;
    private static readonly byte[] Mark = "holdfast backup\n"u8.ToArray();

    /// <summary>Writes a backup, and waits until it is on disk.</summary>
    public sealed class Writer : IDisposable
    {
        private readonly FileStream _file;
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        /// <summary>Begins a new file that nobody but its owner may read.</summary>
        public Writer(string path)
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 1 };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            _file = new FileStream(path, options);
            Write(Mark);
            WriteNumber(Version);
        }

        /// <summary>Adds a file of so many bytes.</summary>
        /// <exception cref="EndOfStreamException">It has fewer.</exception>
        public void Add(string name, Stream content, long size)
        {
            byte[] text = Encoding.ASCII.GetBytes(name), buffer = new byte[CopyBytes];
            WriteNumber(text.Length);
            Write(text);
            WriteNumber(size);
            for (long left = size; left > 0;)
            {
                int read = content.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
                if (read == 0) throw new EndOfStreamException();
                Write(buffer.AsSpan(0, read));
                left -= read;
            }
        }

        /// <summary>Ends it: what this returns from is on disk.</summary>
        public void Complete()
        {
            WriteNumber(0);
            _file.Write(_hash.GetHashAndReset());
            DiskSync.Wait(_file);
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            _hash.Dispose();
            _file.Dispose();
        }

        private void Write(ReadOnlySpan<byte> bytes)
        {
            _file.Write(bytes);
            _hash.AppendData(bytes);
        }

        private void WriteNumber(long value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
            Write(bytes);
        }
    }

    /// <summary>Reads a backup: all of it is verified before anything is believed.</summary>
    /// <exception cref="StartupException">It is none, was cut off or altered, or is of a newer version.</exception>
    public static void Verify(Stream file, string path)
    {
        var damaged = new StartupException($"The backup {path} is damaged or was cut off: copy it again, or take another one.");
        Span<byte> mark = stackalloc byte[Mark.Length];
        if (file.ReadAtLeast(mark, mark.Length, throwOnEndOfStream: false) < mark.Length || !mark.SequenceEqual(Mark))
            throw new StartupException($"{path} is no backup of a Holdfast server: name a file that holdfast-server backup has made.");
        if (file.Length < Mark.Length + (2 * sizeof(long)) + SHA256.HashSizeInBytes) throw damaged;
        if (ReadNumber(file) > Version) throw new StartupException($"The backup {path} was made by a newer Holdfast: install that version, then restore.");
        file.Position = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[CopyBytes], last = new byte[SHA256.HashSizeInBytes];
        for (long left = file.Length - last.Length; left > 0;)
        {
            int read = file.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0) throw damaged;
            hash.AppendData(buffer, 0, read);
            left -= read;
        }
        file.ReadExactly(last);
        if (!CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), last)) throw damaged;
    }

    /// <summary>Hands over each file of a backup that was verified: its name, and what writes its bytes to a place.</summary>
    public static void Extract(Stream file, Func<string, Stream> create)
    {
        file.Position = Mark.Length + sizeof(long);
        byte[] buffer = new byte[CopyBytes];
        while (ReadNumber(file) is > 0 and var length)
        {
            byte[] name = new byte[length];
            file.ReadExactly(name);
            using var place = create(Encoding.ASCII.GetString(name));
            for (long left = ReadNumber(file); left > 0;)
            {
                int part = (int)Math.Min(left, buffer.Length);
                file.ReadExactly(buffer, 0, part);
                place.Write(buffer, 0, part);
                left -= part;
            }
        }
    }

    private static long ReadNumber(Stream file)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        file.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }
}
