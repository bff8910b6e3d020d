using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// <c>vault.delivery</c>: what a locked device fetches with, there only where its owner has chosen that. It is sealed under a key that comes from
/// <c>device.key</c> beside it, so that damage is noticed and whoever overwrites either has destroyed it. That keeps nobody out who has both:
/// an image of the disk has these keys, which open nothing.
/// </summary>
/// <param name="folder">The vault's folder.</param>
/// <param name="sealing">The key that it is sealed under.</param>
/// <param name="random">Where nonces come from.</param>
internal sealed class DeliveryFile(string folder, Func<Secret> sealing, RandomSource random)
{
    private const int NonceBytes = 24, MostBytes = 64 << 20;

    /// <summary>Whether there is one.</summary>
    internal bool Exists => File.Exists(Path);

    private static ReadOnlySpan<byte> Magic => "HFD1vault.delivery"u8;

    private string Path => System.IO.Path.Combine(folder, "vault.delivery");

    /// <summary>Keeps these keys, in the place of what there was.</summary>
    internal void Write(DeliveryKeys keys)
    {
        using var content = new TlsWriter(4096, pinned: true);
        keys.Encode(content);
        using var key = sealing();
        byte[] nonce = random.PublicBytes(NonceBytes);
        DurableFile.Replace(Path, [.. Magic, .. nonce, .. Aead.XChaCha20Poly1305.Seal(key.Reveal(), nonce, Magic, content.Written)]);
    }

    /// <summary>The keys; the caller wipes them.</summary>
    /// <exception cref="VaultException">There are none, or they are damaged.</exception>
    internal DeliveryKeys Read()
    {
        if (!Exists) throw new VaultException(VaultError.WrongState, "The vault is locked.");
        byte[] file = DurableFile.Read(Path, MostBytes);
        int sealedFrom = Magic.Length + NonceBytes;
        if (file.Length < sealedFrom + Aead.TagSize || !file.AsSpan().StartsWith(Magic)) throw Damaged();
        using var key = sealing();
        using var content = new Secret(file.Length - sealedFrom - Aead.TagSize);
        if (!Aead.XChaCha20Poly1305.TryOpen(key.Reveal(), file.AsSpan(Magic.Length, NonceBytes), Magic, file.AsSpan(sealedFrom), content.Fill()))
            throw Damaged();
        try { return DeliveryKeys.Decode(content.Reveal()); }
        catch (CodecException) { throw Damaged(); }
    }

    /// <summary>Overwrites it and takes it away.</summary>
    internal void Delete()
    {
        if (!Exists) return;
        Efface();
        File.Delete(Path);
    }

    /// <summary>Overwrites it with as much that looks like it: who sees the folder sees no difference.</summary>
    internal void Efface()
    {
        if (!Exists) return;
        int length = (int)Math.Clamp(new FileInfo(Path).Length - Magic.Length, 0, MostBytes);
        DurableFile.OverwriteWith(Path, [.. Magic, .. random.PublicBytes(length)]);
    }

    private static VaultException Damaged() => new(
        VaultError.StoreFailed,
        "The profile's file vault.delivery is damaged: nothing is fetched while it is locked. Unlocking is not hindered, and locking makes the file anew.");
}
