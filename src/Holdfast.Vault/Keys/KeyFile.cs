using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The two small files that hold the key of everything else. <c>vault.key</c> has the store's key sealed under the passcode, stretched,
/// and the device's secret; <c>device.key</c> is that secret. Changing the passcode rewrites the first and not the store; overwriting
/// either destroys the store. A second slot, which is noise until somebody chooses a duress passcode, looks like the first: who opens
/// that one has asked for the key to be destroyed. Where a token guards the profile, the first slot's key comes from its secret
/// (<see cref="TokenSecret"/>), too, and the file says which token; the second opens without, for who is forced may not have it.
/// </summary>
internal sealed class KeyFile(string folder, RandomSource random)
{
    private const int KeyBytes = 32, NonceBytes = 24, DeviceBytes = 32, MostBytes = 8 << 10;
    private const int SlotBytes = NonceBytes + KeyBytes + 1 + Aead.TagSize;

    /// <summary>Whether there is a key, and so a profile.</summary>
    internal bool Exists => File.Exists(Path);

    private string Path => System.IO.Path.Combine(folder, "vault.key");

    private string DevicePath => System.IO.Path.Combine(folder, "device.key");

    /// <summary>Makes a key, has the store made under it, and only then writes the file by which the profile exists.</summary>
    internal Secret Create(ReadOnlySpan<byte> passcode, PasscodeCost cost, Action<Secret> makeStore)
    {
        using var device = Secret.CopyOf(random.PublicBytes(DeviceBytes));   // as public as the disk it lies on
        DurableFile.Replace(DevicePath, device.Reveal());
        var storeKey = Secret.Random(KeyBytes, random);
        makeStore(storeKey);
        using var opened = new OpenedKey(Secret.CopyOf(storeKey.Reveal()), new KeyHeader(cost, Salt(), 0, null), HasDuress: false, Noise(), null);
        Write(opened, passcode, device);
        return storeKey;
    }

    /// <summary>
    /// Begins to try a passcode: stretches it, and tells whether it is the one at which the key is to be destroyed. Whether it is right, wrong
    /// or that one, it costs the same, and what follows is the same.
    /// </summary>
    /// <exception cref="VaultException">The files are damaged or not ours.</exception>
    internal PasscodeTry Begin(ReadOnlySpan<byte> passcode)
    {
        var file = Read();
        using var device = ReadDevice();
        var stretched = Stretch(passcode, file.Header, device);
        Span<byte> content = stackalloc byte[KeyBytes + 1];
        try
        {
            bool isDuress = TryOpenSlot(stretched, "Holdfast 2 duress"u8, file.Header.Stretching(), file.DuressSlot, content);
            return new PasscodeTry(stretched, file.Header, file.Slot, file.DuressSlot, isDuress);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Ends a try with the token's secret, where a token guards the profile.</summary>
    /// <returns>What it opens, or null; the token's secret stays the caller's.</returns>
    internal static OpenedKey? End(PasscodeTry begun, Secret? tokenSecret)
    {
        Span<byte> content = stackalloc byte[KeyBytes + 1];
        try
        {
            using var root = Root(begun.Stretched, tokenSecret);
            byte[] associated = [.. begun.Header.Encode(), .. begun.DuressSlot];
            if (!TryOpenSlot(root ?? begun.Stretched, LabelOf(begun.Header), associated, begun.Slot, content)) return null;
            return new OpenedKey(
                Secret.CopyOf(content[..KeyBytes]), begun.Header, content[KeyBytes] != 0, begun.DuressSlot, Copy(tokenSecret));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Which token guards the profile; null where none does, or the file is damaged.</summary>
    internal GuardingToken? Token
    {
        get
        {
            try { return Exists ? Read().Header.Token?.Told : null; }
            catch (VaultException) { return null; }   // whoever tries a passcode is told
        }
    }

    /// <summary>Puts a token, another or none in the way in.</summary>
    /// <param name="opened">What the passcode and the token so far have opened.</param>
    /// <param name="passcode">The passcode.</param>
    /// <param name="place">Where the token is; null for none.</param>
    /// <param name="tokenSecret">Its secret; it stays the caller's.</param>
    internal void ChangeToken(OpenedKey opened, ReadOnlySpan<byte> passcode, TokenPlace? place, Secret? tokenSecret)
    {
        using var device = ReadDevice();
        Write(opened with { Header = opened.Header with { Token = place }, TokenSecret = tokenSecret }, passcode, device);
    }

    /// <summary>Seals the key under another passcode. The duress passcode stays; where there is none, salt and cost are made anew.</summary>
    internal void ChangePasscode(OpenedKey opened, ReadOnlySpan<byte> passcode, PasscodeCost cost)
    {
        using var device = ReadDevice();
        Write(opened.HasDuress ? opened : opened with { Header = opened.Header with { Cost = cost, Salt = Salt() }, DuressSlot = Noise() }, passcode, device);
    }

    /// <summary>Chooses after how many wrong passcodes in a row the key is destroyed; 0 for never.</summary>
    internal void ChangeWipeAfter(OpenedKey opened, ReadOnlySpan<byte> passcode, byte tries)
    {
        using var device = ReadDevice();
        Write(opened with { Header = opened.Header with { WipeAfter = tries } }, passcode, device);
    }

    /// <summary>Chooses the passcode that destroys the key; an empty one for none.</summary>
    internal void ChangeDuress(OpenedKey opened, ReadOnlySpan<byte> passcode, ReadOnlySpan<byte> duress)
    {
        using var device = ReadDevice();
        byte[] slot = Noise();
        if (!duress.IsEmpty)
        {
            using var stretched = Stretch(duress, opened.Header, device);
            slot = SealSlot(stretched, "Holdfast 2 duress"u8, opened.Header.Stretching(), new byte[KeyBytes + 1]);
        }
        Write(opened with { HasDuress = !duress.IsEmpty, DuressSlot = slot }, passcode, device);
    }

    /// <summary>After how many wrong passcodes in a row the key is destroyed; 0 for never.</summary>
    internal byte WipeAfter => Read().Header.WipeAfter;

    /// <summary>What <c>vault.delivery</c> is sealed under. The device's secret is no more a secret than the file, and goes with the key.</summary>
    internal Secret DeliveryFileKey()
    {
        using var device = ReadDevice();
        return Hkdf.Sha256.Expand(device.Reveal(), "Holdfast 1 the file vault.delivery"u8, Aead.XChaCha20Poly1305.KeySize);
    }

    /// <summary>Destroys the key. What is left looks like a profile and opens with nothing.</summary>
    internal void Efface()
    {
        var header = new KeyHeader(PasscodeCost.Least, Salt(), 0, null);
        try { header = Read().Header with { Salt = header.Salt }; }
        catch (VaultException) { }   // damaged: its figures are nothing to keep
        DurableFile.OverwriteWith(Path, [.. header.Encode(), .. Noise(), .. Noise()]);
        DurableFile.OverwriteWith(DevicePath, random.PublicBytes(DeviceBytes));
    }

    private void Write(OpenedKey opened, ReadOnlySpan<byte> passcode, Secret device)
    {
        using var stretched = Stretch(passcode, opened.Header, device);
        Span<byte> content = stackalloc byte[KeyBytes + 1];
        opened.StoreKey.Reveal().CopyTo(content);
        content[KeyBytes] = opened.HasDuress ? (byte)1 : (byte)0;
        byte[] header = opened.Header.Encode();
        using var root = Root(stretched, opened.TokenSecret);
        byte[] slot = SealSlot(root ?? stretched, LabelOf(opened.Header), [.. header, .. opened.DuressSlot], content);   // so all of the file is bound
        CryptographicOperations.ZeroMemory(content);
        DurableFile.Replace(Path, [.. header, .. slot, .. opened.DuressSlot]);
    }

    /// <summary>What both slots' keys come from: the passcode and the device's secret, neither of which is enough.</summary>
    private static Secret Stretch(ReadOnlySpan<byte> passcode, KeyHeader header, Secret device)
    {
        using var stretched = Passcode.DeriveKey(passcode, header.Salt, header.Cost.Passes, header.Cost.MemoryBytes);
        return Hkdf.Sha256.Extract(device.Reveal(), stretched.Reveal());
    }

    /// <summary>With a token: what the slot's key comes from, as null without. Passcode, device and token are each worth nothing alone.</summary>
    private static Secret? Root(Secret stretched, Secret? tokenSecret) =>
        tokenSecret is null ? null : Hkdf.Sha256.Extract(stretched.Reveal(), tokenSecret.Reveal());

    private static ReadOnlySpan<byte> LabelOf(KeyHeader header) => header.Token is null ? "Holdfast 2 passcode"u8 : "Holdfast 3 passcode and token"u8;

    private static Secret? Copy(Secret? secret) => secret is null ? null : Secret.CopyOf(secret.Reveal());

    private byte[] SealSlot(Secret stretched, ReadOnlySpan<byte> label, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> content)
    {
        using var key = Hkdf.Sha256.Expand(stretched.Reveal(), label, Aead.XChaCha20Poly1305.KeySize);
        byte[] nonce = random.PublicBytes(NonceBytes);
        return [.. nonce, .. Aead.XChaCha20Poly1305.Seal(key.Reveal(), nonce, associated, content)];
    }

    private static bool TryOpenSlot(
        Secret stretched, ReadOnlySpan<byte> label, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> slot, Span<byte> content)
    {
        using var key = Hkdf.Sha256.Expand(stretched.Reveal(), label, Aead.XChaCha20Poly1305.KeySize);
        return Aead.XChaCha20Poly1305.TryOpen(key.Reveal(), slot[..NonceBytes], associated, slot[NonceBytes..], content);
    }

    private (KeyHeader Header, byte[] Slot, byte[] DuressSlot) Read()
    {
        try
        {
            byte[] file = DurableFile.Read(Path, MostBytes);
            var reader = new TlsReader(file);
            var header = KeyHeader.Decode(ref reader);
            byte[] slot = reader.ReadBytes(SlotBytes).ToArray(), duress = reader.ReadBytes(SlotBytes).ToArray();
            reader.ExpectEnd();
            return (header, slot, duress);
        }
        catch (Exception damaged) when (damaged is CodecException or InvalidDataException)
        {
            throw Damaged("vault.key");
        }
    }

    private Secret ReadDevice()
    {
        try
        {
            byte[] file = DurableFile.Read(DevicePath, DeviceBytes);
            var secret = file.Length == DeviceBytes ? Secret.CopyOf(file) : throw Damaged("device.key");
            CryptographicOperations.ZeroMemory(file);
            return secret;
        }
        catch (Exception lost) when (lost is InvalidDataException or FileNotFoundException)
        {
            throw Damaged("device.key");
        }
    }

    private byte[] Salt() => random.PublicBytes(Passcode.SaltSize);

    /// <summary>A slot that nothing opens.</summary>
    private byte[] Noise() => random.PublicBytes(SlotBytes);

    private static VaultException Damaged(string file) => new(
        VaultError.StoreFailed, $"The profile's file {file} is damaged or missing. Restore the profile from a backup, or remove it and join again.");
}

/// <summary>A passcode that is being tried.</summary>
/// <param name="Stretched">What it was stretched to; owned.</param>
/// <param name="Header">What the file says in the clear.</param>
/// <param name="Slot">What it is to open.</param>
/// <param name="DuressSlot">The other slot's bytes.</param>
/// <param name="IsDuress">Whether it opened that one.</param>
internal sealed record PasscodeTry(Secret Stretched, KeyHeader Header, byte[] Slot, byte[] DuressSlot, bool IsDuress) : IDisposable
{
    public void Dispose() => Stretched.Dispose();

    /// <summary>The kind of thing, never what is in it.</summary>
    public override string ToString() => nameof(PasscodeTry);
}

/// <summary>What a passcode opens, and a token with it where one guards the profile.</summary>
/// <param name="StoreKey">The key of the store; owned.</param>
/// <param name="Header">What the file says in the clear.</param>
/// <param name="HasDuress">Whether a duress passcode was chosen.</param>
/// <param name="DuressSlot">The other slot's bytes.</param>
/// <param name="TokenSecret">What the token brought back; owned.</param>
internal sealed record OpenedKey(Secret StoreKey, KeyHeader Header, bool HasDuress, byte[] DuressSlot, Secret? TokenSecret) : IDisposable
{
    public void Dispose()
    {
        StoreKey.Dispose();
        TokenSecret?.Dispose();
    }

    /// <summary>The kind of thing, never what is in it.</summary>
    public override string ToString() => nameof(OpenedKey);
}

/// <summary>What <c>vault.key</c> says in the clear; all of it is authenticated with the key.</summary>
/// <param name="Cost">What a try costs.</param>
/// <param name="Salt">Argon2id's salt.</param>
/// <param name="WipeAfter">After how many wrong passcodes in a row the key is destroyed; 0 for never.</param>
/// <param name="Token">Which token guards the profile; null for none, and then the file looks as it did before there were any.</param>
internal sealed record KeyHeader(PasscodeCost Cost, byte[] Salt, byte WipeAfter, TokenPlace? Token)
{
    private const uint Magic = 0x48465632, MagicWithToken = 0x48465633;   // "HFV2", "HFV3"

    /// <exception cref="CodecException">It is malformed.</exception>
    /// <exception cref="VaultException">It is another version's.</exception>
    internal static KeyHeader Decode(ref TlsReader reader)
    {
        uint magic = reader.ReadUInt32();
        if (magic is not (Magic or MagicWithToken)) throw new VaultException(VaultError.StoreFailed, "The profile was made by another version of Holdfast.");
        var cost = new PasscodeCost(reader.ReadUInt32(), reader.ReadUInt32());
        if (!cost.IsReadable) throw new CodecException("parameters out of range");
        byte[] salt = reader.ReadBytes(Passcode.SaltSize).ToArray();
        return new KeyHeader(cost, salt, reader.ReadUInt8(), magic == MagicWithToken ? TokenPlace.Decode(ref reader) : null);
    }

    /// <summary>The whole header.</summary>
    internal byte[] Encode()
    {
        var writer = new TlsWriter();
        WriteStretching(writer, Token is null ? Magic : MagicWithToken);
        writer.WriteUInt8(WipeAfter);
        Token?.Encode(writer);
        return writer.ToArray();
    }

    /// <summary>How a passcode is stretched: what a slot's key depends on. The duress passcode's slot stays when a token comes or goes.</summary>
    internal byte[] Stretching()
    {
        var writer = new TlsWriter();
        WriteStretching(writer, Magic);
        return writer.ToArray();
    }

    private void WriteStretching(TlsWriter writer, uint magic)
    {
        writer.WriteUInt32(magic);
        writer.WriteUInt32(Cost.Passes);
        writer.WriteUInt32(Cost.MemoryBytes);
        writer.WriteBytes(Salt);
    }
}
