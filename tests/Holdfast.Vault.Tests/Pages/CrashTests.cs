namespace Holdfast.Vault.Tests.Pages;

/// <summary>Whenever the process or the power goes, what was acknowledged is there, and nothing is there in part.</summary>
public sealed class CrashTests
{
    [Fact]
    public void WhatWasCommittedIsThereAfterAKillAtAnyStepOfTheDisk()
    {
        using var states = Scenario();
        for (int step = states.Created; step <= states.Disk.Steps.Count; step++)
        {
            foreach (double part in step == states.Disk.Steps.Count ? [0.0] : new[] { 0.0, 0.01, 0.5, 0.99 })
            {
                if (part == 0 || states.Disk.Steps[step].Deed == Deed.Write) AssertWhole(states, step, states.Disk.Killed(step, part));
            }
        }
    }

    [Fact]
    public void WhatWasCommittedIsThereWheneverThePowerFails()
    {
        using var states = Scenario();
        var chance = new Random(11);
        for (int step = states.Created; step <= states.Disk.Steps.Count; step++)
        {
            for (int round = 0; round < (Holdfast.Tests.LongRun.IsWanted ? 50 : 2); round++) AssertWhole(states, step, states.Disk.WithoutPower(step, chance));
        }
    }

    /// <summary>Page 1 is read before the log is looked at.</summary>
    [Fact]
    public void ATornFirstPageIsTakenFromTheLog()
    {
        using var states = new StoreStates();
        states.Commit(3, 200);
        states.Store.Checkpoint();
        int step = states.Disk.Steps.FindLastIndex(static step => step is { Deed: Deed.Write, Path: StoreStates.Path, At: 4096 });
        Assert.True(step > states.Created);
        var torn = states.Disk.Killed(step, 0.5);
        Assert.Equal((states.States[^1].State, null), states.ReadAll(torn.Copy()));
        torn.Files.Remove(StoreStates.LogPath);
        Assert.Contains("vault.db)", states.ReadAll(torn).Reason);   // without the log there is nothing to take it from
    }

    /// <summary>After a crash the store goes on, and crashes again.</summary>
    [Fact]
    public void AStoreThatWentOnAfterACrashIsWhole()
    {
        using var states = Scenario();
        var chance = new Random(13);
        foreach (int first in Enumerable.Range(0, 30).Select(_ => chance.Next(states.Created, states.Disk.Steps.Count)))
        {
            var disk = states.Disk.WithoutPower(first, chance);
            disk.Steps.Clear();
            var start = disk.Copy();
            string before, after;
            using (var store = states.OpenOn(disk))
            {
                before = string.Concat(store.ScanAll(RecordKind.History).Select(static record => Convert.ToHexString(record.Value)));
                store.Change(() => { store.Put(RecordKind.History, "zz"u8.ToArray(), "new"u8); return 0; });
                after = before + Convert.ToHexString("new"u8);
            }
            for (int step = 0; step <= disk.Steps.Count; step += 1)
            {
                var again = start.Copy();
                foreach (var done in disk.Steps.Take(step)) again.Do(done);
                using var store = states.OpenOn(again);
                string found = string.Concat(store.ScanAll(RecordKind.History).Select(static record => Convert.ToHexString(record.Value)));
                Assert.True(found == before || found == after);
            }
        }
    }

    /// <summary>Transactions small and large, checkpoints, and openings.</summary>
    private static StoreStates Scenario()
    {
        var states = new StoreStates();
        for (int round = 0; round < 4; round++)
        {
            for (int i = 0; i < 4; i++) states.Commit(1 + (3 * i), 900);
            states.Store.Checkpoint();
            states.Commit(2, 9000);
            states.Commit(1, 50);
            if (round % 2 == 1) states.Reopen();
        }
        return states;
    }

    private static void AssertWhole(StoreStates states, int step, RecordedDisk disk)
    {
        int acknowledged = states.States.FindLastIndex(state => state.Steps <= step);
        var (found, reason) = states.ReadAll(disk);
        Assert.True(reason is null, $"step {step} ({states.Disk.Steps.ElementAtOrDefault(step)}): {reason}");
        string[] allowed = [.. states.States.Skip(Math.Max(0, acknowledged)).Take(2).Select(static state => state.State)];
        Assert.True(allowed.Contains(found), $"step {step}: not what was committed");
    }
}
