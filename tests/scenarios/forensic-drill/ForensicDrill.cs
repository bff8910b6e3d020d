using System.Globalization;
using System.Text;

namespace Holdfast.Scenarios.ForensicDrill;

/// <summary>
/// Locked means gone (ATTACKS D-17, D-19, D-20, D-21). Whoever takes a machine on which all profiles are locked finds no word, name, file,
/// passcode or key: in no file, in no block of the disk that no file has any more, in no process. Each search is made once more where
/// something was planted.
/// </summary>
public sealed class ForensicDrill(Drill drill) : IClassFixture<Drill>
{
    /// <summary>How something may have been written.</summary>
    private static readonly (string Form, Func<byte[], byte[]> Write)[] _forms =
    [
        ("raw", static secret => secret),
        ("hexadecimal", static secret => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret))),
        ("HEXADECIMAL", static secret => Encoding.ASCII.GetBytes(Convert.ToHexString(secret))),
        ("base64 with 0 bytes before it", static secret => Encoding.ASCII.GetBytes(Convert.ToBase64String(secret))),
        ("base64 with 1 bytes before it", static secret => Encoding.ASCII.GetBytes(Convert.ToBase64String([7, .. secret, 7]))),
        ("base64 with 2 bytes before it", static secret => Encoding.ASCII.GetBytes(Convert.ToBase64String([7, 7, .. secret, 7]))),
        ("hexadecimal in UTF-16LE", static secret => Encoding.Unicode.GetBytes(Convert.ToHexStringLower(secret))),
        ("hexadecimal in UTF-16BE", static secret => Encoding.BigEndianUnicode.GetBytes(Convert.ToHexStringLower(secret))),
    ];

    private bool IsPlayed
    {
        get
        {
            Assert.SkipUnless(drill.Impossible.Length == 0, drill.Impossible);
            return true;
        }
    }

    /// <summary>The processes that had words are gone, and the one that goes on, the server, never had any.</summary>
    [Fact]
    public void NoProcessHasAnythingOnceAllIsLocked()
    {
        Assert.True(IsPlayed);
        Assert.Empty(drill.Left);
        Assert.Equal(2, drill.Fetching);   // an agent and a vault that never had any, where their owner wants sealed messages fetched
        Assert.Empty(drill.InFetchersMemory);
        Assert.Empty(drill.InServersMemory);
    }

    /// <summary>Every file is read, then every block of the disk, also of those that no file has any more.</summary>
    [Fact]
    public void NothingIsOnTheDiskAndThereIsMuchToFind()
    {
        Assert.True(IsPlayed);
        Assert.True(drill.Known.Keys > 500, $"Only {drill.Known.Keys} keys are known.");
        Assert.Empty(drill.OnTheDisk);
    }

    /// <summary>The control: what is planted is found, whatever it is written in, in each place, and also when its file is deleted.</summary>
    [Fact]
    public void WhatIsPlantedIsFound()
    {
        Assert.True(IsPlayed);
        string[] places = ["changed/home/ada/.local/share/holdfast/profile/vault", "changed/home/ben", "changed/srv/holdfast", "tmp", "vartmp", "shm", "changed"];
        drill.World.Mount();
        foreach (string place in places)
        {
            byte[] secret = drill.Known.Plant(place), deleted = drill.Known.Plant($"deleted from {place}");
            foreach (var (form, write) in _forms) drill.World.Plant(place, form, write(secret));
            foreach (var (form, write) in _forms) drill.World.Plant(place, form + " deleted", write(deleted));
        }
        drill.World.Unmount();
        drill.World.Mount();
        foreach (string place in places) drill.World.Unplant(place, " deleted");
        drill.World.Unmount();
        var found = new LeakScan(drill.Known.Needles, most: int.MaxValue).FindInFile(drill.World.Image);
        foreach (string place in places)
        {
            foreach (var (form, _) in _forms)
            {
                Assert.Contains(found, leak => leak.EndsWith($": {KnownThings.Planted} {place}, {form}", StringComparison.Ordinal));
                Assert.Contains(found, leak => leak.EndsWith($": {KnownThings.Planted} deleted from {place}, {form}", StringComparison.Ordinal));
            }
        }
    }

    /// <summary>
    /// While a profile is open, its words are in memory. Passcodes are not any more, long-lived keys are where not even root reads, and the
    /// agent has no key but that of a file that was just sent or saved.
    /// </summary>
    [Fact]
    public void WhileOpenNeitherPasscodesNorLongLivedKeysCanBeReadFromMemory()
    {
        Assert.True(IsPlayed);
        foreach (var kind in drill.InMemoryBefore.GroupBy(static found => $"{found.Process}: {Kind(found.What)}").OrderBy(static kind => kind.Key))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"while open, {kind.Key}: {kind.Count()}"));
        Assert.Contains(drill.InMemoryBefore, static found => found.What.StartsWith(KnownThings.Word, StringComparison.Ordinal));   // the search sees
        Assert.DoesNotContain(drill.InMemoryBefore, static found => found.What.StartsWith(KnownThings.Passcode, StringComparison.Ordinal));
        Assert.DoesNotContain(drill.InMemoryBefore, static found => found.Process == "agent" && IsKeyOfThe(found.What, ""));
        Assert.SkipUnless(drill.ClosedMappings > 0, "this kernel has no memfd_secret");
        foreach (string key in (string[])["the store's key", "the identity key", "the login key", "the leaf's key", "the inbox key"])
            Assert.DoesNotContain(drill.InMemoryBefore, found => IsKeyOfThe(found.What, key));
    }

    /// <summary>Where there is swap, none of a vault is in it.</summary>
    [Fact]
    public void NothingOfAVaultIsInSwap()
    {
        Assert.True(IsPlayed);
        Assert.Equal(2, drill.Swapped.Count(static one => one.Process == "vault"));
        Assert.DoesNotContain(drill.Swapped, static one => one.Process == "vault" && one.Swapped != 0);
    }

    /// <summary>Whatever is made anywhere is on the list, with what it is and why it may be there; and what is on the list is made.</summary>
    [Fact]
    public void EveryFileIsOnTheList()
    {
        Assert.True(IsPlayed);
        var list = FileList.Read();
        List<string> faults = [.. list.Faults(drill.FilesWhileOpen, isLocked: false), .. list.Faults(drill.FilesWhenLocked, isLocked: true)];
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.NotEmpty(list.Faults([.. drill.FilesWhenLocked, "/home/ada/.aspnet/DataProtection-Keys/key.xml"], isLocked: true));   // the control
        Assert.NotEmpty(list.Faults([.. drill.FilesWhenLocked.Where(static file => !file.EndsWith("/vault.key", StringComparison.Ordinal))], isLocked: true));
    }

    /// <summary>The control: the memory of a process that has something is found to have it, however it is written.</summary>
    [Fact]
    public void WhatIsPlantedInAProcessIsFound()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root reads the memory of others");
        var known = new KnownThings();
        byte[] secret = known.Plant("memory");
        string[] written = [.. _forms.Where(static form => !form.Form.Contains("UTF-16", StringComparison.Ordinal) && form.Form != "raw").Select(form => Encoding.ASCII.GetString(form.Write(secret)))];
        using var process = Command.Start("/bin/sh", ["-c", $"secret={string.Join('-', written)}; echo ready; read -r end"]);
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        var found = new MemoryScan(known.Needles).Find(process.Id);
        process.StandardInput.Close();
        foreach (string form in (string[])["hexadecimal", "HEXADECIMAL", "base64 with 0 bytes before it", "base64 with 1 bytes before it", "base64 with 2 bytes before it"])
            Assert.Contains(found, leak => leak.What == $"{KnownThings.Planted} memory, {form}");
    }

    /// <summary>Keys by what they are, others by their kind: two of one name are told apart by nobody.</summary>
    private static string Kind(string what) => what.StartsWith(KnownThings.Key, StringComparison.Ordinal) ? what : what.Split(' ')[0];

    private static bool IsKeyOfThe(string what, string key) =>
        what.StartsWith(KnownThings.Key, StringComparison.Ordinal) && !what.Contains("message's record", StringComparison.Ordinal)
        && what.Contains(key, StringComparison.Ordinal);
}
