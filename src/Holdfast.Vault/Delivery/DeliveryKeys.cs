using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// All that a locked device needs to go on fetching, and nothing that opens a word: where the server is, a key that logs in to read, and for
/// each conversation what its access key has signed for that key. With them, a log is fetched and nothing is posted.
/// </summary>
/// <param name="Server">The server's address.</param>
/// <param name="ServerKey">The server key.</param>
/// <param name="Device">This device.</param>
/// <param name="Key">The delivery key; owned.</param>
/// <param name="Grants">For the conversations that we are in.</param>
internal sealed record DeliveryKeys(
    string Server, ReadOnlyMemory<byte> ServerKey, DeviceId Device, SignatureKey Key, IReadOnlyList<SubscriptionProof> Grants) : IDisposable
{
    private const byte Format = 1;

    /// <summary>What an open vault leaves behind when it is locked; null where its owner has not chosen it, or there is no account to fetch for.</summary>
    internal static DeliveryKeys? Of(OpenVault vault)
    {
        if (vault.Profile is not { Pin: not null, Cloned: false, Invite: { } invite } || vault.Settings.DeliveryKey() is not { } key) return null;
        var grants = vault.Conversations.All().Where(static conversation => conversation.State is ConversationState.Active or ConversationState.Leaving)
            .Select(conversation => Grant(vault, conversation, SignedTexts.ReadingGrant(invite.ServerKey.Span, key.PublicKey.Span, conversation.Log)));
        return new DeliveryKeys(invite.Server, invite.ServerKey, vault.Profile.Device, key, [.. grants]);
    }

    /// <summary>Proves to the server which device this is, for reading.</summary>
    internal DeliveryLogin SignLogin(ReadOnlySpan<byte> serverKey, ReadOnlySpan<byte> nonce)
    {
        RequireOurServer(serverKey);
        return new DeliveryLogin(Device, Key.Sign(SignedTexts.DeliveryLogin(serverKey, nonce, Device)));
    }

    /// <summary>What opens these logs, or all where none is named.</summary>
    internal SubscriptionsSigned GrantsFor(ReadOnlySpan<byte> serverKey, IReadOnlyList<LogId> logs)
    {
        RequireOurServer(serverKey);
        return new SubscriptionsSigned([.. Grants.Where(grant => logs.Count == 0 || logs.Contains(grant.Log))]);
    }

    internal static DeliveryKeys Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        if (reader.ReadUInt8() != Format) throw new CodecException("delivery keys of another version");
        var keys = new DeliveryKeys(
            reader.ReadText(ProtocolLimits.NameBytes), reader.ReadBytes(ProtocolLimits.DigestBytes).ToArray(), DeviceId.Decode(ref reader),
            ConversationSuite.Suite.Signature.Import(reader.ReadBytes(Ed25519.SeedSize)), reader.ReadVector<SubscriptionProof>());
        reader.ExpectEnd();
        return keys;
    }

    internal void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Format);
        writer.WriteText(Server);
        writer.WriteBytes(ServerKey.Span);
        Device.Encode(writer);
        writer.WriteBytes(Key.RevealPrivateKey());
        writer.WriteVector(Grants);
    }

    public void Dispose() => Key.Dispose();

    /// <summary>The kind of thing, never what is in it.</summary>
    public override string ToString() => nameof(DeliveryKeys);

    private static SubscriptionProof Grant(OpenVault vault, Conversation conversation, byte[] text)
    {
        using var access = AccessKey.Of(vault.Groups.Load(conversation.Log));
        return new SubscriptionProof(conversation.Log, access.PublicKey.ToArray(), access.Sign(text), conversation.Position);
    }

    private void RequireOurServer(ReadOnlySpan<byte> serverKey)
    {
        if (!serverKey.SequenceEqual(ServerKey.Span))
            throw new VaultException(VaultError.Refused, "This is not the server that the invite named: its key is another.");
    }
}
