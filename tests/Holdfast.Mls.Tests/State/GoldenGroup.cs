using System.Text.Json;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Tests;

/// <summary>A stored group: all its members' states in one epoch, and messages on their way.</summary>
internal sealed partial class GoldenGroup : IDisposable
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
            Room.Open()(client);
            client.UseSignatureKey(suite.Signature.Import(member.GetProperty("signature_key").GetBytesFromBase64()));
            client.Adopt(Group.Restore(state, client.SignatureKey, client.Policy));
            Members.Add(client);
            States.Add(state);
        }
        foreach (var late in file.GetProperty("late").EnumerateArray())
        {
            Late.Add((
                late.GetProperty("to").GetInt32(),
                late.GetProperty("message").GetBytesFromBase64(),
                late.GetProperty("text").GetString()!));
        }
        if (!file.TryGetProperty("exported", out var exported)) return;
        Exported = (exported.GetProperty("component").GetUInt16(), exported.GetProperty("secret").GetBytesFromBase64());
    }

    internal int Format { get; }

    internal SeededRandom Random { get; }

    internal byte[] Authenticator { get; }

    internal List<Client> Members { get; } = [];

    internal List<byte[]> States { get; } = [];

    /// <summary>Messages that have not come yet: for whom, what, and what it says.</summary>
    internal List<(int To, byte[] Message, string Text)> Late { get; } = [];

    /// <summary>The component whose secret only the first member has taken, and the secret.</summary>
    internal (ushort Component, byte[] Secret)? Exported { get; }

    internal static GoldenGroup Read(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(path));
        return new GoldenGroup(file.RootElement);
    }

    public void Dispose()
    {
        foreach (var member in Members) member.Dispose();
    }
}
