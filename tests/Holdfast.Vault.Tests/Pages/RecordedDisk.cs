using Holdfast.Vault.Pages;

namespace Holdfast.Vault.Tests.Pages;

/// <summary>What was done to a file.</summary>
internal enum Deed
{
    Create,
    Write,
    Truncate,
    Sync,
    Delete,
    Replace,
}

/// <summary>One step of the store's on the disk.</summary>
/// <param name="Deed">What was done.</param>
/// <param name="Path">To which file.</param>
/// <param name="At">Offset of a write, or new length.</param>
/// <param name="Bytes">What was written.</param>
/// <param name="By">Which file takes its place.</param>
internal sealed record Step(Deed Deed, string Path, long At = 0, byte[]? Bytes = null, string? By = null);

/// <summary>A disk in memory that writes down every step, so that the disk as it was at any of them can be made again, and that can run full.</summary>
internal sealed class RecordedDisk : Disk
{
    private const int Sector = 512;

    internal SortedDictionary<string, MemoryStream> Files { get; } = new(StringComparer.Ordinal);

    internal List<Step> Steps { get; } = [];

    /// <summary>What a step meets, when this is set, instead of being done.</summary>
    internal Func<Step, Exception?>? Refuses { get; set; }

    internal override bool Exists(string path) => Files.ContainsKey(path);

    internal override DiskFile Open(string path) => new RecordedFile(this, path, Files[path]);

    internal override DiskFile Create(string path)
    {
        Do(new Step(Deed.Create, path));
        return Open(path);
    }

    internal override void Delete(string path)
    {
        if (Exists(path)) Do(new Step(Deed.Delete, path));
    }

    internal override void Replace(string path, string by) => Do(new Step(Deed.Replace, path, By: by));

    internal override void SyncNames(string path)
    {
    }

    internal byte[] Content(string path) => Files[path].ToArray();

    internal void SetContent(string path, ReadOnlySpan<byte> content)
    {
        Files[path] = new MemoryStream();
        Files[path].Write(content);
    }

    internal RecordedDisk Copy()
    {
        var copy = new RecordedDisk();
        foreach (var (path, file) in Files) copy.SetContent(path, file.ToArray());
        return copy;
    }

    /// <summary>The disk as it was when the process was killed before a step was done, or with a part of its write done.</summary>
    internal RecordedDisk Killed(int step, double part)
    {
        var disk = new RecordedDisk();
        foreach (var done in Steps.Take(step)) disk.Do(done);
        if (part > 0 && Steps[step] is { Deed: Deed.Write } torn) disk.Do(torn with { Bytes = torn.Bytes![..(int)(torn.Bytes.Length * part)] });
        return disk;
    }

    /// <summary>The disk when the power fails: of what was not synced, any sector may be there or not.</summary>
    internal RecordedDisk WithoutPower(int step, Random chance)
    {
        var disk = new RecordedDisk();
        var steps = Steps[..step];
        for (int i = 0; i < steps.Count; i++)
        {
            var done = steps[i];
            if (done.Deed is not (Deed.Write or Deed.Truncate) || IsSynced(steps, i)) disk.Do(done);
            else if (done.Deed == Deed.Write) disk.DoSectors(done, chance);
            else if (chance.Next(2) == 0) disk.Do(done);
        }
        return disk;
    }

    internal void Do(Step step)
    {
        if (Refuses?.Invoke(step) is { } refusal) throw refusal;
        Steps.Add(step);
        switch (step.Deed)
        {
            case Deed.Create: Files[step.Path] = new MemoryStream(); break;
            case Deed.Delete: Files.Remove(step.Path); break;
            case Deed.Replace:
                Files[step.Path] = Files[step.By!];
                Files.Remove(step.By!);
                break;
            case Deed.Truncate: Files[step.Path].SetLength(step.At); break;
            case Deed.Write:
                Files[step.Path].Position = step.At;
                Files[step.Path].Write(step.Bytes);
                break;
            default: break;
        }
    }

    /// <summary>Whether a step is followed by a sync of its file, which may have another name by then.</summary>
    private static bool IsSynced(List<Step> steps, int index)
    {
        string path = steps[index].Path;
        foreach (var later in steps.Skip(index + 1))
        {
            if (later.Deed is Deed.Sync or Deed.Delete or Deed.Create && later.Path == path) return true;
            if (later.Deed == Deed.Replace && later.By == path) path = later.Path;
            else if (later.Deed == Deed.Replace && later.Path == path) return true;
        }
        return false;
    }

    private void DoSectors(Step write, Random chance)
    {
        for (int from = 0; from < write.Bytes!.Length;)
        {
            int to = (int)Math.Min(write.Bytes.Length, from + Sector - ((write.At + from) % Sector));
            if (chance.Next(2) == 0) Do(write with { At = write.At + from, Bytes = write.Bytes[from..to] });
            from = to;
        }
    }

    private sealed class RecordedFile(RecordedDisk disk, string path, MemoryStream content) : DiskFile
    {
        private string Path => disk.Files.FirstOrDefault(file => file.Value == content).Key ?? path;

        internal override long Length => content.Length;

        internal override int Read(Span<byte> target, long offset)
        {
            content.Position = offset;
            return content.Read(target);
        }

        internal override void Write(ReadOnlySpan<byte> source, long offset) => disk.Do(new Step(Deed.Write, Path, offset, source.ToArray()));

        internal override void Truncate(long length) => disk.Do(new Step(Deed.Truncate, Path, length));

        internal override void Sync() => disk.Do(new Step(Deed.Sync, Path));

        internal override void Lock()
        {
        }

        public override void Dispose()
        {
        }
    }
}
