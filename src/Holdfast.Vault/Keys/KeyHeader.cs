using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault;

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
