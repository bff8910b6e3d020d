using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.TokenHost.Tpm;

/// <summary>A loaded P-256 key of a TPM.</summary>
internal sealed class TpmKey(TpmWire wire, uint handle, byte[] authorisation, TokenKey description) : ITokenKey
{
    private const uint EcdhZGen = 0x154, Duplicate = 0x14b, Sign = 0x15d, NullHierarchy = 0x40000007;
    private const ushort HashCheck = 0x8024;

    public TokenKey Description => description;

    /// <summary>TPM2_ECDH_ZGen (Part 3 §14.5); it gives a whole point, of which x is what everyone else gives.</summary>
    public void Ecdh(ReadOnlySpan<byte> point, Span<byte> shared)
    {
        using var command = new TpmCommand(EcdhZGen, handle, authorisation);
        command.Write((ushort)68).WriteSized(point[1..33]).WriteSized(point[33..]);
        var reader = new TlsReader(command.Send(wire)[6..]);   // behind the sizes of the parameters and of the point
        if (!TpmPublic.ReadCoordinate(ref reader, shared)) throw new TokenHostException(TokenError.DeviceFailed);
    }

    /// <summary>TPM2_Sign (Part 3 §20.2).</summary>
    public void SignHash(ReadOnlySpan<byte> hash, Span<byte> signature)
    {
        using var command = new TpmCommand(Sign, handle, authorisation);
        command.WriteSized(hash).Write(TpmPublic.Ecdsa).Write(TpmPublic.Sha256).Write(HashCheck).Write(NullHierarchy).WriteSized([]);
        var reader = new TlsReader(command.Send(wire)[8..]);   // behind the parameters' size, scheme and hash
        if (!TpmPublic.ReadCoordinate(ref reader, signature[..32]) || !TpmPublic.ReadCoordinate(ref reader, signature[32..]))
            throw new TokenHostException(TokenError.DeviceFailed);
    }

    /// <summary>A TPM has no login: using the key tells.</summary>
    internal void TryTokenPin()
    {
        Span<byte> output = stackalloc byte[TokenLimits.SignatureBytes];
        if ((description.Traits & KeyTraits.Sign) != 0) SignHash(SHA256.HashData("Holdfast: is this the token PIN?"u8), output);
        else Ecdh(description.Point.Span, output[..TokenLimits.SharedBytes]);
        output.Clear();
    }

    /// <summary>A TPM has no command that changes an attribute of a key, and none that copies one that is fixed to its parent.</summary>
    public KeyAltered TryToAlter() => new(KeyTraits.None, Copied: Duplicates());

    public void Dispose() => TpmReader.Flush(wire, handle);

    /// <summary>TPM2_Duplicate (Part 3 §13.1), to no new parent.</summary>
    private bool Duplicates()
    {
        using var command = new TpmCommand(Duplicate, [handle, NullHierarchy], authorisation);
        command.WriteSized([]).Write(TpmPublic.Null);   // no inner key, no symmetric algorithm
        return command.TrySend(wire).Code == 0;
    }
}
