using System.Text;

namespace Holdfast.Cli.Tests;

/// <summary>Locked means gone: no process that held a key or a word outlives the command.</summary>
public sealed class LockTests
{
    private const int Rounds = 5;

    [Fact]
    public async Task WhenLockReturnsNoProcessOfTheProfileIsLeft()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "processes are looked for in /proc");
        await using var household = await Household.OpenAsync();
        await household.JoinAsync("bob", "Bob");
        string profile = Path.Combine(household.Holdfast.Folder, "bob");
        for (int round = 0; round < Rounds; round++)
        {
            await household.DoneAsync("bob", "unlock");
            Assert.NotEmpty(ProcessesOf(profile));
            await household.DoneAsync("bob", "lock");
            Assert.Empty(ProcessesOf(profile));
        }
    }

    private static List<string> ProcessesOf(string profile) =>
        [.. Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]) && IsOf(folder, profile))];

    private static bool IsOf(string folder, string profile)
    {
        try { return Encoding.UTF8.GetString(File.ReadAllBytes($"{folder}/cmdline")).Contains(profile, StringComparison.Ordinal); }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException) { return false; }   // it ended while we looked
    }
}
