using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The two small files that hold the key of everything else. <c>vault.key</c> has the store's key sealed under the passcode, stretched,
/// and the device's secret; <c>device.key</c> is that secret. Changing the passcode rewrites the first and not the store; overwriting
/// either destroys the store. A second slot, which is noise until somebody chooses a duress passcode, looks like the first: who opens
/// that one has asked for the key to be destroyed.
/// </summary>
internal sealed class KeyFile(string folder, RandomSource random)
{
    private const int KeyBytes = 32, NonceBytes = 24, DeviceBytes = 32, MostBytes = 1024;
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
        using var opened = new OpenedKey(Secret.CopyOf(storeKey.Reveal()), new KeyHeader(cost, Salt(), 0), HasDuress: false, Noise());
        Write(opened, passcode, device);
        return storeKey;
    }

    /// <summary>Tries a passcode. Whether it is right, wrong or the other one, it costs the same.</summary>
    /// <param name="passcode">The passcode.</param>
    /// <param name="isDuress">Whether it is the one at which the key is to be destroyed.</param>
    /// <returns>What it opens, or null.</returns>
    /// <exception cref="VaultException">The files are damaged or not ours.</exception>
    internal OpenedKey? TryOpen(ReadOnlySpan<byte> passcode, out bool isDuress)
    {
        var file = Read();
        using var device = ReadDevice();
        using var stretched = Stretch(passcode, file.Header, device);
        Span<byte> content = stackalloc byte[KeyBytes + 1];
        try
        {
            isDuress = TryOpenSlot(stretched, "Holdfast 2 duress"u8, file.Header.Stretching(), file.DuressSlot, content);
            if (!TryOpenSlot(stretched, "Holdfast 2 passcode"u8, [.. file.Header.Encode(), .. file.DuressSlot], file.Slot, content)) return null;
            return new OpenedKey(Secret.CopyOf(content[..KeyBytes]), file.Header, content[KeyBytes] != 0, file.DuressSlot);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>Seals the key under another passcode. The duress passcode stays; where there is none, salt and cost are made anew.</summary>
    internal void ChangePasscode(OpenedKey opened, ReadOnlySpan<byte> passcode, PasscodeCost cost)
    {
        using var device = ReadDevice();
        Write(opened.HasDuress ? opened : opened with { Header = new KeyHeader(cost, Salt(), opened.Header.WipeAfter), DuressSlot = Noise() }, passcode, device);
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

    /// <summary>Destroys the key. What is left looks like a profile and opens with nothing.</summary>
    internal void Efface()
    {
        var header = new KeyHeader(PasscodeCost.Least, Salt(), 0);
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
        byte[] slot = SealSlot(stretched, "Holdfast 2 passcode"u8, [.. header, .. opened.DuressSlot], content);   // so all of the file is bound
        CryptographicOperations.ZeroMemory(content);
        DurableFile.Replace(Path, [.. header, .. slot, .. opened.DuressSlot]);
    }

    /// <summary>What both slots' keys come from: the passcode and the device's secret, neither of which is enough.</summary>
    private static Secret Stretch(ReadOnlySpan<byte> passcode, KeyHeader header, Secret device)
    {
        using var stretched = Passcode.DeriveKey(passcode, header.Salt, header.Cost.Passes, header.Cost.MemoryBytes);
        return Hkdf.Sha256.Extract(device.Reveal(), stretched.Reveal());
    }

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

/// <summary>What a passcode opens.</summary>
/// <param name="StoreKey">The key of the store; owned.</param>
/// <param name="Header">What the file says in the clear.</param>
/// <param name="HasDuress">Whether a duress passcode was chosen.</param>
/// <param name="DuressSlot">The other slot's bytes.</param>
internal sealed record OpenedKey(Secret StoreKey, KeyHeader Header, bool HasDuress, byte[] DuressSlot) : IDisposable
{
    public void Dispose() => StoreKey.Dispose();

    /// <summary>The kind of thing, never what is in it.</summary>
    public override string ToString() => nameof(OpenedKey);
}

/// <summary>What <c>vault.key</c> says in the clear; all of it is authenticated with the key.</summary>
/// <param name="Cost">What a try costs.</param>
/// <param name="Salt">Argon2id's salt.</param>
/// <param name="WipeAfter">After how many wrong passcodes in a row the key is destroyed; 0 for never.</param>
internal sealed record KeyHeader(PasscodeCost Cost, byte[] Salt, byte WipeAfter)
{
    private const uint Magic = 0x48465632;   // "HFV2"

    /// <exception cref="CodecException">It is malformed.</exception>
    /// <exception cref="VaultException">It is another version's.</exception>
    internal static KeyHeader Decode(ref TlsReader reader)
    {
        if (reader.ReadUInt32() != Magic) throw new VaultException(VaultError.StoreFailed, "The profile was made by another version of Holdfast.");
        var cost = new PasscodeCost(reader.ReadUInt32(), reader.ReadUInt32());
        if (!cost.IsReadable) throw new CodecException("parameters out of range");
        return new KeyHeader(cost, reader.ReadBytes(Passcode.SaltSize).ToArray(), reader.ReadUInt8());
    }

    /// <summary>The whole header.</summary>
    internal byte[] Encode() => [.. Stretching(), WipeAfter];

    /// <summary>How a passcode is stretched: what a slot's key depends on.</summary>
    internal byte[] Stretching()
    {
        var writer = new TlsWriter();
        writer.WriteUInt32(Magic);
        writer.WriteUInt32(Cost.Passes);
        writer.WriteUInt32(Cost.MemoryBytes);
        writer.WriteBytes(Salt);
        return writer.ToArray();
    }
}
