using System.Runtime.CompilerServices;
using System.Text.Json;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// ATTACKS B-20: groups that were stored once, in <c>Golden</c>, open in every later build, read what was on its way to them, and go on
/// together. When one of these fails, the stored format has changed. If that was not meant, undo it: people's groups would not open.
/// If it was meant, raise <c>StateRoot.Version</c>, keep reading the older formats, describe both in docs/STATE.md, leave the files of
/// older formats as they are, and make those of the new one with HOLDFAST_MAKE_GOLDEN=1 and this class alone.
/// </summary>
public sealed class GoldenStateTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder, "state-*.json").Select(static path => Path.GetFileName(path)!)];

    [Theory, MemberData(nameof(Files))]
    public void AStoredGroupOpensReadsAndGoesOn(string file)
    {
        using var stored = GoldenGroup.Read(Path.Combine(Folder, file));
        foreach (var member in stored.Members) Assert.Equal(stored.Authenticator, member.Group.EpochAuthenticator.ToArray());
        foreach (var (to, message, text) in stored.Late) Assert.Equal(text, stored.Members[to].HearText(message));
        foreach (var (to, message, text) in stored.Late) Assert.IsType<Handled.Rejected>(stored.Members[to].Group.Handle(message));   // once only
        var committing = stored.Members[1].Group.Commit(new CommitOptions(), stored.Random);
        foreach (var member in stored.Members.Where(member => member != stored.Members[1])) member.TakeCommit(committing.Message);
        stored.Members[1].Adopt(committing.Next);
        committing.Current.Dispose();
        foreach (var member in stored.Members)
        {
            byte[] said = member.Say(member.Name);
            foreach (var other in stored.Members.Where(other => other != member)) Assert.Equal(member.Name, other.HearText(said));
            member.Restart();
        }
    }

    [Theory, MemberData(nameof(Files))]
    public void WhatIsStoredOfThePresentFormatIsWrittenAlike(string file)
    {
        using var stored = GoldenGroup.Read(Path.Combine(Folder, file));
        if (stored.Format != StateRoot.Version) return;
        foreach (var (member, bytes) in stored.Members.Zip(stored.States)) Assert.Equal(Convert.ToHexString(bytes), member.State());
    }

    [Fact]
    public void EachFormatHasItsFiles()
    {
        for (int format = 1; format <= StateRoot.Version; format++)
        {
            foreach (string suite in (string[])["0001", "0002", "0003"])
                Assert.True(File.Exists(Path.Combine(Folder, $"state-v{format}-{suite}.json")), $"format {format}, suite {suite}");
        }
    }

    /// <summary>Makes the files of a new format; never to be run over files that exist.</summary>
    [Fact]
    public void MakeTheFilesOfANewFormat()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("HOLDFAST_MAKE_GOLDEN") == "1", "only when a format is new: HOLDFAST_MAKE_GOLDEN=1");
        foreach (ushort suite in (ushort[])[1, 2, 3]) GoldenGroup.Make(CipherSuite.Find(suite)!, SourceFolder());
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "..", "Golden");
}

/// <summary>A stored group: all its members' states in one epoch, and messages on their way.</summary>
internal sealed class GoldenGroup : IDisposable
{
    private GoldenGroup(JsonElement file)
    {
        Format = file.GetProperty("format").GetInt32();
        var suite = CipherSuite.Find(file.GetProperty("suite").GetUInt16())!;
        Random = new SeededRandom(4711);
        Authenticator = file.GetProperty("epoch_authenticator").GetBytesFromBase64();
        foreach (var member in file.GetProperty("members").EnumerateArray())
        {
            byte[] state = member.GetProperty("state").GetBytesFromBase64();
            var client = new Client(member.GetProperty("name").GetString()!, Random, suite);
            client.UseSignatureKey(suite.Signature.Import(member.GetProperty("signature_key").GetBytesFromBase64()));
            client.Adopt(Group.Restore(state, client.SignatureKey, client.Policy));
            Members.Add(client);
            States.Add(state);
        }
        foreach (var late in file.GetProperty("late").EnumerateArray())
        {
            Late.Add((
                late.GetProperty("to").GetInt32(), late.GetProperty("message").GetBytesFromBase64(), late.GetProperty("text").GetString()!));
        }
    }

    internal int Format { get; }

    internal SeededRandom Random { get; }

    internal byte[] Authenticator { get; }

    internal List<Client> Members { get; } = [];

    internal List<byte[]> States { get; } = [];

    /// <summary>Messages that have not come yet: for whom, what, and what it says.</summary>
    internal List<(int To, byte[] Message, string Text)> Late { get; } = [];

    internal static GoldenGroup Read(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        return new GoldenGroup(file.RootElement);
    }

    /// <summary>
    /// Five members in their fifth epoch or so: messages of this epoch and of the last that have not come, ratchets that have passed
    /// them, two Updates and an Add that wait, a member gone and a blank leaf.
    /// </summary>
    internal static void Make(CipherSuite suite, string folder)
    {
        using var room = Room.Of(6, seed: suite.Id, suite: suite);
        foreach (var member in room.Members) room.Say(member, "before");
        room.Commit(room[3], new CommitOptions());
        room.Remove(room[0], room[2]);
        byte[] fromThePast = room[3].Say("of an epoch that is over");
        room.Say(room[3], "overtakes");
        room.Commit(room[4], new CommitOptions());
        byte[] overtaken = room[1].Say("overtaken"), early = room[1].Say("overtaken, too");
        foreach (var member in room.Members) room.Say(member, "now");
        room.ProposeUpdate(room[2]);
        room.ProposeUpdate(room[0]);
        using var newcomer = room.NewClient("newcomer").NewKeyPackage();
        room.Propose(room[1], new AddProposal(newcomer.KeyPackage));
        Write(room, Path.Combine(folder, $"state-v{StateRoot.Version}-{suite.Id:x4}.json"), [
            (0, fromThePast, "of an epoch that is over"), (2, overtaken, "overtaken"), (0, early, "overtaken, too")]);
    }

    private static void Write(Room room, string path, IReadOnlyList<(int To, byte[] Message, string Text)> late)
    {
        using var file = new FileStream(path, FileMode.CreateNew);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("format", StateRoot.Version);
        json.WriteNumber("suite", room[0].Suite.Id);
        json.WriteBase64String("epoch_authenticator", room[0].Group.EpochAuthenticator.Span);
        json.WriteStartArray("members");
        foreach (var member in room.Members)
        {
            using var state = member.Group.Serialize();
            json.WriteStartObject();
            json.WriteString("name", member.Name);
            json.WriteBase64String("signature_key", member.SignatureKey.RevealPrivateKey());
            json.WriteBase64String("state", state.Reveal());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("late");
        foreach (var (to, message, text) in late)
        {
            json.WriteStartObject();
            json.WriteNumber("to", to);
            json.WriteString("text", text);
            json.WriteBase64String("message", message);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void Dispose()
    {
        foreach (var member in Members) member.Dispose();
    }
}
