using Holdfast.Vault.Pages;

namespace Holdfast.Killer;

/// <summary>The operating system's disk; before and after everything that makes something durable is a step.</summary>
internal sealed class DyingDisk(Steps steps) : Disk
{
    internal override bool Exists(string path) => System.Exists(path);

    internal override DiskFile Open(string path) => new DyingFile(System.Open(path), steps);

    internal override DiskFile Create(string path) => new DyingFile(System.Create(path), steps);

    internal override void Delete(string path) => System.Delete(path);

    internal override void Replace(string path, string by) => steps.Persist("replace", () => System.Replace(path, by));

    internal override void SyncNames(string path) => System.SyncNames(path);
}

/// <summary>One of its files.</summary>
internal sealed class DyingFile(DiskFile file, Steps steps) : DiskFile
{
    internal override long Length => file.Length;

    internal override int Read(Span<byte> target, long offset) => file.Read(target, offset);

    internal override void Write(ReadOnlySpan<byte> source, long offset) => file.Write(source, offset);

    internal override void Truncate(long length) => file.Truncate(length);

    internal override void Sync() => steps.Persist("sync", file.Sync);

    internal override void Lock() => file.Lock();

    public override void Dispose() => file.Dispose();
}
