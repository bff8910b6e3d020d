using Holdfast.Tests;

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
        [.. Directory.EnumerateDirectories("/proc").Select(static folder => Path.GetFileName(folder)).Where(static name => char.IsAsciiDigit(name[0]))
            .Where(process => CommandLine.Of(process).Any(word => word.Contains(profile, StringComparison.Ordinal)))];
}
