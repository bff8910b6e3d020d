using System.Text.Json;
using Holdfast.Cryptography;
using Late = System.Collections.Generic.IReadOnlyList<(int To, byte[] Message, string Text)>;

namespace Holdfast.Mls.Tests;

/// <summary>How the files are made that <c>Golden</c> lacks; those that are there stay as they are.</summary>
internal sealed partial class GoldenGroup
{
    internal const string Senders = "-senders", Closed = "-closed", Exporting = "-exporting";

    internal static string PathOf(string folder, int format, ushort suite, string kind) =>
        Path.Combine(folder, $"state-v{format}-{suite:x4}{kind}.json");

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
        Write(room, folder, "", [
            (0, fromThePast, "of an epoch that is over"), (2, overtaken, "overtaken"), (0, early, "overtaken, too")]);
    }

    /// <summary>
    /// A group with two external senders, whose members keep what the second of them, somebody new and one of themselves have proposed.
    /// </summary>
    internal static void MakeWithExternalSenders(CipherSuite suite, string folder)
    {
        using var room = Room.Of(4, seed: suite.Id, prepare: Room.Open(), suite: suite);
        Client service = room.NewClient("service"), hopeful = room.NewClient("hopeful");
        var senders = new[] { new ExternalSender(hopeful.SignatureKey.PublicKey, hopeful.JoinOptions().Credential), Sender(service) };
        room.Commit(room[0], new CommitOptions { Proposals = [new GroupContextExtensionsProposal([ExternalSender.ToExtension(senders)])] });
        byte[] late = room[1].Say("before the proposals");
        var group = room[0].Group;
        using var self = hopeful.NewKeyPackage();
        byte[][] proposals = [
            ExternalProposal.Create(new RemoveProposal(room[3].Group.OwnLeaf), suite, group.GroupId, group.Epoch, 1, service.SignatureKey),
            ExternalProposal.AddOfSelf(self, group.GroupId, group.Epoch, hopeful.SignatureKey)];
        foreach (byte[] proposal in proposals)
        {
            foreach (var member in room.Members) member.TakeProposal(proposal);
        }
        room.ProposeUpdate(room[2]);
        Write(room, folder, Senders, [(0, late, "before the proposals")]);
    }

    /// <summary>A group that a ReInit has closed, with messages on their way.</summary>
    internal static void MakeClosed(CipherSuite suite, string folder)
    {
        using var room = Room.Of(3, seed: suite.Id, prepare: Room.Open(), suite: suite);
        byte[] late = room[2].Say("sent before");
        var next = new ReInitProposal(
            "next"u8.ToArray(), ProtocolVersion.Mls10, suite.Id, [new Extension(Client.KnownExtension, "agreed"u8.ToArray())]);
        room.Commit(room[0], new CommitOptions { Proposals = [next] });
        Write(room, folder, Closed, [(0, late, "sent before"), (1, late, "sent before")]);
    }

    /// <summary>A group whose first member has taken a component's secret, the second has taken another, the third none.</summary>
    internal static void MakeExporting(CipherSuite suite, string folder)
    {
        const ushort component = 0x8001;
        using var room = Room.Of(3, seed: suite.Id, suite: suite);
        room.Commit(room[1], new CommitOptions());
        byte[] secret = Export(room[0], component);
        Export(room[1], component + 1);
        byte[] late = room[1].Say("after the export");
        Write(room, folder, Exporting, [(0, late, "after the export"), (2, late, "after the export")], (component, secret));
    }

    /// <summary>Takes a component's secret, and goes on without it.</summary>
    internal static byte[] Export(Client client, ushort component)
    {
        var (secret, next) = client.Group.SafeExport(component);
        using (secret)
        {
            client.Adopt(next);
            return secret.Reveal().ToArray();
        }
    }

    private static ExternalSender Sender(Client client) => new(client.SignatureKey.PublicKey, client.JoinOptions().Credential);

    private static void Write(Room room, string folder, string kind, Late late, (ushort Component, byte[] Secret)? exported = null)
    {
        string path = PathOf(folder, StateRoot.Version, room[0].Suite.Id, kind);
        if (File.Exists(path)) return;
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
        if (exported is { } taken)
        {
            json.WriteStartObject("exported");
            json.WriteNumber("component", taken.Component);
            json.WriteBase64String("secret", taken.Secret);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.Flush();
        file.Write("\n"u8);
    }
}
