using Holdfast.Client.Tests.Support;
using Holdfast.Cryptography;

namespace Holdfast.Client.Tests;

public sealed class ReceivedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NothingIsLeftOfAFileThatWasRefused()
    {
        await Assert.ThrowsAsync<AttachmentException>(() => SaveAsync("a.txt", static async file =>
        {
            await file.WriteAsync(new byte[1000], TestContext.Current.CancellationToken);
            throw new AttachmentException(AttachmentProblem.Damaged, "forged");
        }));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task NothingIsEverOverwritten()
    {
        for (int i = 1; i <= 3; i++) await SaveAsync("report.pdf", file => file.WriteAsync(new byte[i], TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(
            ["report (2).pdf", "report (3).pdf", "report.pdf"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(1, new FileInfo(Path.Combine(_folder.Path, "report.pdf")).Length);
    }

    [Fact]
    public async Task ALinkOfTheSameNameIsNotFollowed()
    {
        string outside = Path.Combine(_folder.Path, "outside"), inside = Directory.CreateDirectory(Path.Combine(_folder.Path, "in")).FullName;
        File.CreateSymbolicLink(Path.Combine(inside, "a.txt"), outside);
        string saved = await ReceivedFile.SaveAsync(inside, "a.txt", RandomSource.System, static _ => Task.CompletedTask);
        Assert.Equal("a (2).txt", Path.GetFileName(saved));
        Assert.False(File.Exists(outside));
    }

    [Fact]
    public async Task OnlyItsOwnerMayReadIt()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("modes are Unix's");
        string saved = await SaveAsync("a.txt", static _ => Task.CompletedTask);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(saved));
    }

    private Task<string> SaveAsync(string name, Func<FileStream, Task> fill) => ReceivedFile.SaveAsync(_folder.Path, name, RandomSource.System, fill);
}
