using System.Buffers.Binary;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.TokenHost.Tpm;

/// <summary>A TPM 2.0 command as it is written (TPM 2.0 Part 1 §18, Part 3): header, handles, authorisation, parameters.</summary>
internal sealed class TpmCommand : IDisposable
{
    private const uint PasswordSession = 0x40000009;   // TPM_RS_PW

    private readonly TlsWriter _writer = new(capacity: 1024, pinned: true);

    /// <summary>A command without authorisation.</summary>
    internal TpmCommand(uint code) => WriteHeader(0x8001, code);

    /// <summary>A command upon one object, with its authorisation value.</summary>
    internal TpmCommand(uint code, uint handle, ReadOnlySpan<byte> authorisation)
        : this(code, [handle], authorisation)
    {
    }

    /// <summary>A command upon objects of which the first wants its authorisation value.</summary>
    internal TpmCommand(uint code, ReadOnlySpan<uint> handles, ReadOnlySpan<byte> authorisation)
    {
        WriteHeader(0x8002, code);
        foreach (uint handle in handles) _writer.WriteUInt32(handle);
        _writer.WriteUInt32((uint)(9 + authorisation.Length));
        _writer.WriteUInt32(PasswordSession);
        _writer.WriteUInt16(0);   // nonce
        _writer.WriteUInt8(0);    // session attributes
        WriteSized(authorisation);
    }

    internal TpmCommand Write(ushort value)
    {
        _writer.WriteUInt16(value);
        return this;
    }

    internal TpmCommand Write(uint value)
    {
        _writer.WriteUInt32(value);
        return this;
    }

    /// <summary>Bytes as they are.</summary>
    internal TpmCommand Write(ReadOnlySpan<byte> bytes)
    {
        _writer.WriteBytes(bytes);
        return this;
    }

    /// <summary>A TPM2B: size, then bytes.</summary>
    internal TpmCommand WriteSized(ReadOnlySpan<byte> bytes)
    {
        _writer.WriteUInt16((ushort)bytes.Length);
        _writer.WriteBytes(bytes);
        return this;
    }

    /// <summary>Sends it.</summary>
    /// <exception cref="TokenHostException">The TPM refused.</exception>
    internal ReadOnlySpan<byte> Send(TpmWire wire)
    {
        var response = TrySend(wire);
        if (response.Code != 0) throw new TokenHostException(Meaning(response.Code), response.Code);
        return response.Body;
    }

    /// <summary>Sends it; a response of any code.</summary>
    internal TpmResponse TrySend(TpmWire wire)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(_writer.Length, pinned: true);
        _writer.Written.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(2), (uint)bytes.Length);
        try { return wire.Transceive(bytes); }
        finally { Array.Clear(bytes); }
    }

    public void Dispose() => _writer.Dispose();

    private void WriteHeader(ushort tag, uint code)
    {
        _writer.WriteUInt16(tag);
        _writer.WriteUInt32(0);
        _writer.WriteUInt32(code);
    }

    /// <summary>TPM 2.0 Part 2 §6.6: codes of format one say beside what was wrong which handle, session or parameter it was about.</summary>
    private static TokenError Meaning(uint code) => (code & 0x80) != 0
        ? (code & 0x3f) switch
        {
            0x0e or 0x22 => TokenError.TokenPinWrong,                // TPM_RC_AUTH_FAIL, _BAD_AUTH
            0x27 => TokenError.BadPoint,                             // TPM_RC_ECC_POINT
            0x1f or 0x0b or 0x12 or 0x15 => TokenError.NoKey,        // TPM_RC_INTEGRITY, _HANDLE, _SCHEME, _SIZE: a key of another TPM, or none
            _ => TokenError.DeviceFailed,
        }
        : code switch
        {
            0x921 => TokenError.TokenPinLocked,                      // TPM_RC_LOCKOUT
            0x143 => TokenError.Unsupported,                         // TPM_RC_COMMAND_CODE
            _ => TokenError.DeviceFailed,
        };
}
