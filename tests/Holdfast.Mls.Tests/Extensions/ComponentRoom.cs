using System.Text;

namespace Holdfast.Mls.Tests;

/// <summary>Rooms whose members support all of draft-ietf-mls-extensions, with one component that joins what it is told.</summary>
internal static class ComponentRoom
{
    internal const ushort Journal = 0x8001, Unknown = 0x8002;

    internal static Room Of(int count, Action<Client>? also = null) => Room.Of(count, prepare: Room.Open(client =>
    {
        Prepare(client);
        also?.Invoke(client);
    }));

    internal static Client Newcomer(Room room, string name)
    {
        var client = room.NewClient(name);
        Room.Open(Prepare)(client);
        return client;
    }

    internal static AppDataUpdateProposal Write(string text) => AppDataUpdateProposal.OfUpdate(Journal, Encoding.UTF8.GetBytes(text));

    internal static string? Read(Client client) =>
        client.Group.AppData?.Find(Journal) is { } entry ? Encoding.UTF8.GetString(entry.Data.Span) : null;

    internal static CommitOptions Committing(params IReadOnlyList<Proposal> proposals) =>
        new() { Proposals = proposals, ForcePath = false };

    private static void Prepare(Client client)
    {
        client.Capabilities = client.Capabilities with
        {
            Extensions = [Client.KnownExtension, CodePoints.AppDataDictionary],
            Proposals = [CodePoints.AppDataUpdate, CodePoints.AppEphemeral, CodePoints.SelfRemove],
        };
        client.Policy = client.Policy with
        {
            Components = new ComponentPolicy
            {
                Knows = static component => component is Journal or CodePoints.SafeAad or CodePoints.AppComponents,
                AcceptEphemeral = static ephemeral => !ephemeral.Data.Span.SequenceEqual("bad"u8),
                Merge = Merge,
            },
        };
    }

    private static byte[]? Merge(ushort component, ComponentData? current, IReadOnlyList<ReadOnlyMemory<byte>> updates)
    {
        if (component != Journal) return updates[^1].ToArray();
        if (updates.Any(update => update.Span.SequenceEqual("bad"u8))) return null;
        return [.. current?.Data.ToArray() ?? [], .. updates.SelectMany(update => update.ToArray())];
    }
}
