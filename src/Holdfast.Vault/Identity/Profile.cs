using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>This device and its person: the long-term keys, each for one purpose, and what registration has made of them.</summary>
internal sealed class Profile : IDisposable
{
    private const byte Format = 5;   // 2 had an inbox key of X25519 alone, 3 was sealed by its page only, 4 did not know whether it was closed

    /// <summary>The user identity: signs devices and the card.</summary>
    internal required SignatureKey Identity { get; init; }

    /// <summary>Signs what this device says in groups.</summary>
    internal required SignatureKey Leaf { get; init; }

    /// <summary>Signs logins to the server and nothing else.</summary>
    internal required SignatureKey LoginKey { get; init; }

    /// <summary>Opens what comes to the inbox.</summary>
    internal required KemKey Inbox { get; init; }

    internal required DeviceId Device { get; init; }

    internal required string Name { get; init; }

    internal Pin? Pin { get; set; }

    internal Invite? Invite { get; set; }

    /// <summary>Whether the inviter still has to hear of us.</summary>
    internal bool OwesIntroduction { get; set; }

    internal ulong LoginCounter { get; set; }

    internal bool Cloned { get; set; }

    /// <summary>
    /// Whether the vault was closed in order after all that it has sealed. Where it was not, a state that was lost since may have sealed more.
    /// </summary>
    internal bool IsClosed { get; set; }

    /// <summary>When the last-resort key package that is out was made, in milliseconds since 1970; 0 where none is.</summary>
    internal ulong LastResortAt { get; set; }

    private static CipherSuite Suite => ConversationSuite.Suite;

    internal static Profile Create(string name, RandomSource random) => new()
    {
        Identity = Suite.Signature.Generate(random),
        Leaf = Suite.Signature.Generate(random),
        LoginKey = Suite.Signature.Generate(random),
        Inbox = Suite.Hpke.Kem.Generate(random),
        Device = DeviceId.Of(random.PublicBytes(Id128.Size)),
        Name = name,
        IsClosed = true,
    };

    /// <summary>The account, which registration has given.</summary>
    /// <exception cref="VaultException">There is none yet.</exception>
    internal Pin RequirePin() => Pin ?? throw new VaultException(VaultError.WrongState, "This profile has not joined a server yet: use an invite.");

    /// <summary>What we say of ourselves.</summary>
    internal Card OwnCard() => new(RequirePin(), Identity.PublicKey, Name, Identity.Sign(Card.ToBeSigned(RequirePin(), Identity.PublicKey.Span, Name)));

    internal static Profile Load(SealedStore store)
    {
        using var record = store.GetSecret(RecordKind.Profile, [0]) ?? throw (store.Contains(RecordKind.Profile, [0])
            ? OfAnotherVersion() : new VaultException(VaultError.StoreFailed, "The profile is incomplete: remove it and join again."));
        return Read(record.Reveal());
    }

    private static Profile Read(ReadOnlySpan<byte> record)
    {
        var reader = new TlsReader(record);
        if (reader.ReadUInt8() != Format) throw OfAnotherVersion();
        return new Profile
        {
            Identity = Suite.Signature.Import(reader.ReadOpaque()),
            Leaf = Suite.Signature.Import(reader.ReadOpaque()),
            LoginKey = Suite.Signature.Import(reader.ReadOpaque()),
            Inbox = Suite.Hpke.Kem.Import(reader.ReadOpaque()),
            Device = DeviceId.Decode(ref reader),
            Name = reader.ReadText(ProtocolLimits.NameBytes),
            Pin = reader.ReadPresence() ? Protocol.Pin.Decode(ref reader) : null,
            Invite = reader.ReadOptional<Invite>(),
            OwesIntroduction = reader.ReadPresence(),
            LoginCounter = reader.ReadUInt64(),
            Cloned = reader.ReadPresence(),
            LastResortAt = reader.ReadUInt64(),
            IsClosed = reader.ReadPresence(),
        };
    }

    private static VaultException OfAnotherVersion() => new(
        VaultError.StoreFailed,
        "The profile was made by another version of Holdfast, which sealed conversations otherwise. Remove it and join again with a new invite.");

    /// <summary>Takes back what a failed call has changed in memory.</summary>
    internal void Reload(SealedStore store)
    {
        using var stored = Load(store);
        (Pin, Invite, OwesIntroduction, LoginCounter, Cloned, LastResortAt, IsClosed) =
            (stored.Pin, stored.Invite, stored.OwesIntroduction, stored.LoginCounter, stored.Cloned, stored.LastResortAt, stored.IsClosed);
    }

    internal void Save(SealedStore store)
    {
        using var writer = new TlsWriter(1024, pinned: true);
        writer.WriteUInt8(Format);
        writer.WriteOpaque(Identity.RevealPrivateKey());
        writer.WriteOpaque(Leaf.RevealPrivateKey());
        writer.WriteOpaque(LoginKey.RevealPrivateKey());
        writer.WriteOpaque(Inbox.RevealPrivateKey());
        Device.Encode(writer);
        writer.WriteText(Name);
        writer.WritePresence(Pin is not null);
        Pin?.Encode(writer);
        writer.WriteOptional(Invite);
        writer.WritePresence(OwesIntroduction);
        writer.WriteUInt64(LoginCounter);
        writer.WritePresence(Cloned);
        writer.WriteUInt64(LastResortAt);
        writer.WritePresence(IsClosed);
        store.PutSecret(RecordKind.Profile, [0], writer.Written);
    }

    public void Dispose()
    {
        Identity.Dispose();
        Leaf.Dispose();
        LoginKey.Dispose();
        Inbox.Dispose();
    }
}
