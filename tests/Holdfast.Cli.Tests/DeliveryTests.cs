using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Holdfast.Cli.Tests;

/// <summary>A profile that fetches while it is locked, by typing commands: every process and every file is what it is for people.</summary>
public sealed class DeliveryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task WhatIsSentToALockedProfileIsReadAfterUnlockingWithoutTheServer()
    {
        await using var household = await Household.OpenAsync();
        await household.JoinAsync("bob", "Bob");
        await household.DoneAsync("alice", "send", "Bob", "before");
        await household.DoneAsync("bob", "read", "Alice");
        Assert.False((bool)(await household.JsonAsync("bob", "status"))["delivery"]!);
        Assert.DoesNotContain("while locked", await household.DoneAsync("bob", "status"), StringComparison.Ordinal);
        await household.DoneAsync("bob", "passcode", "delivery", "on");
        Assert.Contains("read none of them", await household.DoneAsync("bob", "status"), StringComparison.Ordinal);
        var before = Processes(household);
        await household.DoneAsync("bob", "lock");
        Assert.Empty(before.Intersect(Processes(household)));   // what had words is gone; what fetches never had any
        try
        {
            await household.DoneAsync("alice", "send", "Bob", "one");
            await WaitAsync(household);
            Assert.Contains("1 conversation has sealed news", await household.DoneAsync("bob", "status"), StringComparison.Ordinal);
            Assert.Equal(4, (await household.Holdfast.RunAsync("read", "Alice", "--profile", "bob")).ExitCode);   // nobody tells it the passcode
            await household.FailsAsync(2, "bob", "passcode", "delivery", "maybe");
            foreach (string process in Processes(household)) Kill(process);   // -9, the agent first or the vault
            long size = new FileInfo(Spool(household)).Length;
            await household.DoneAsync("alice", "send", "Bob", "two");
            await WaitAsync(household, size);   // whoever asks starts another
            await household.EndUpAsync();
            var read = await household.RunAsync("bob", "read", "Alice");
            Assert.Equal(3, read.ExitCode);
            foreach (string text in (string[])["before", "one", "two"]) Assert.Contains(text, read.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("could not be read", read.Output, StringComparison.Ordinal);
            await household.UpAsync();
            await household.DoneAsync("bob", "send", "Alice", "seen");
        }
        finally { await household.DoneAsync("bob", "passcode", "delivery", "off"); }
        await household.DoneAsync("bob", "lock");
        Assert.Empty(Processes(household));
        Assert.False(File.Exists(Path.Combine(household.Holdfast.Folder, "bob", "vault", "vault.delivery")));
    }

    [Fact]
    public async Task AWipeEndsTheFetchingAndLeavesNothing()
    {
        await using var household = await Household.OpenAsync();
        await household.JoinAsync("bob", "Bob");
        await household.DoneAsync("bob", "passcode", "delivery", "on");
        await household.DoneAsync("bob", "lock");
        Assert.Equal("locked", (string)(await household.JsonAsync("bob", "status"))["state"]!);
        await household.DoneAsync("bob", "wipe", "--yes");
        for (long began = Environment.TickCount64; Processes(household).Count > 0; await Task.Delay(20, TestContext.Current.CancellationToken))
            Assert.True(Environment.TickCount64 - began < Patience.TotalMilliseconds, "something outlives the wipe");   // an agent that was one too many sees that itself
        Assert.False(Directory.Exists(Path.Combine(household.Holdfast.Folder, "bob")));
    }

    private static string Spool(Household household) => Path.Combine(household.Holdfast.Folder, "bob", "spool");

    /// <summary>Until there is news of one conversation, in a spool larger than this.</summary>
    private static async Task WaitAsync(Household household, long size = 0)
    {
        for (long began = Environment.TickCount64; ; await Task.Delay(100, TestContext.Current.CancellationToken))
        {
            JsonNode status = await household.JsonAsync("bob", "status");
            Assert.Equal("locked", (string)status["state"]!);
            if ((int)status["waiting"]! == 1 && new FileInfo(Spool(household)).Length > size) return;
            Assert.True(Environment.TickCount64 - began < Patience.TotalMilliseconds, "it fetches nothing");
        }
    }

    private static void Kill(string process)
    {
        try
        {
            using var running = Process.GetProcessById(int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture));
            running.Kill();
            running.WaitForExit();
        }
        catch (ArgumentException) { return; }   // it has ended with the other
    }

    /// <summary>The ids of Bob's agent and vault.</summary>
    private static List<string> Processes(Household household)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "processes are looked for in /proc");
        string profile = Path.Combine(household.Holdfast.Folder, "bob");
        return [.. Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]) && IsOf(folder, profile))];
    }

    private static bool IsOf(string folder, string profile)
    {
        try { return Encoding.UTF8.GetString(File.ReadAllBytes($"{folder}/cmdline")).Contains(profile, StringComparison.Ordinal); }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException) { return false; }   // it ended while we looked
    }
}
