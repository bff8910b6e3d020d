using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.TokenHost.Tpm;

/// <summary>
/// A TPM 2.0 as a token. Its keys are children of a primary key that is made anew from the TPM's own seed each time; what a child's handle
/// holds is the child as its parent has sealed it, so nothing of ours stays in the TPM. The token PIN is the child's authorisation value: a
/// primary key's would not enter its seed, and a wrong one would then make the same key. Guessing it is counted by the TPM (noDA is clear).
/// </summary>
internal sealed class TpmReader(TpmWire wire) : ITokenReader
{
    private const uint GetCapability = 0x17a, CreatePrimary = 0x131, Create = 0x153, Load = 0x157, FlushContext = 0x165;
    private const uint Owner = 0x40000001, ObjectMemory = 0x902;
    private const uint Handles = 1, Properties = 6, FirstTransient = 0x80000000;
    private const uint Manufacturer = 0x105, Permanent = 0x200, LockoutCounter = 0x20e, MaxAuthFail = 0x20f;

    private readonly byte[] _authorisation = GC.AllocateArray<byte>(SHA256.HashSizeInBytes, pinned: true);
    private bool _isOpen;
    private uint? _primary;

    public IReadOnlyList<TokenInfo> List()
    {
        string model = Model();
        uint state = Property(Permanent), failed = Property(LockoutCounter), most = Property(MaxAuthFail);
        var pinState = (state & (1 << 9)) != 0 ? TokenPinState.Locked       // TPMA_PERMANENT inLockout
            : failed == 0 ? TokenPinState.Usual
            : most - failed <= 1 ? TokenPinState.FinalTry : TokenPinState.Low;
        return [new TokenInfo(Id(model), "TPM", model, pinState, CanGenerate: true)];
    }

    public void Open(ReadOnlySpan<byte> token, ReadOnlySpan<byte> tokenPin)
    {
        if (!token.SequenceEqual(Id(Model()))) throw new TokenHostException(TokenError.NoToken);
        Span<byte> labelled = stackalloc byte[128 + TokenLimits.TokenPinBytes];
        int label = Encoding.ASCII.GetBytes("Holdfast TPM token PIN", labelled);
        tokenPin.CopyTo(labelled[label..]);
        SHA256.HashData(labelled[..(label + tokenPin.Length)], _authorisation);   // no longer than a name's hash (Part 1 §11.4)
        CryptographicOperations.ZeroMemory(labelled);
        _isOpen = true;
    }

    /// <summary>None are kept in it.</summary>
    public IReadOnlyList<TokenKey> ListKeys() => [];

    public ITokenKey Generate(KeyPurpose purpose, ReadOnlySpan<byte> name)
    {
        using var command = new TpmCommand(Create, Primary(), []);
        command.Write((ushort)(4 + _authorisation.Length)).WriteSized(_authorisation).WriteSized([]);   // TPM2B_SENSITIVE_CREATE
        command.WriteSized(TpmPublic.Child(purpose)).WriteSized([]).Write(0u);                          // public, outside info, no PCRs
        var reader = new TlsReader(command.Send(wire)[4..]);                                            // behind the parameters' size
        byte[] sealedPart = ReadSized(ref reader).ToArray(), publicPart = ReadSized(ref reader).ToArray();
        return OpenKey(TpmHandle.Pack(publicPart, sealedPart));
    }

    public ITokenKey OpenKey(ReadOnlySpan<byte> handle)
    {
        if (!_isOpen) throw new TokenHostException(TokenError.BadCall);
        if (TpmHandle.Unpack(handle) is not var (publicPart, sealedPart) || TpmPublic.Parse(publicPart) is not { } said)
            throw new TokenHostException(TokenError.NoKey);
        using var command = new TpmCommand(Load, Primary(), []);
        command.WriteSized(sealedPart).WriteSized(publicPart);
        uint loaded = BinaryPrimitives.ReadUInt32BigEndian(command.Send(wire));
        var key = new TpmKey(wire, loaded, _authorisation, new TokenKey(handle.ToArray(), said.Point, TpmPublic.KnownTraits, said.Traits));
        try { key.TryTokenPin(); }
        catch (TokenHostException)
        {
            key.Dispose();
            throw;
        }
        return key;
    }

    public void Dispose()
    {
        if (_primary is { } primary) Flush(wire, primary);
        CryptographicOperations.ZeroMemory(_authorisation);
        wire.Dispose();
    }

    internal static void Flush(TpmWire wire, uint handle)
    {
        using var command = new TpmCommand(FlushContext).Write(handle);
        try { _ = command.TrySend(wire); }
        catch (TokenHostException)
        {
            // With the TPM its objects went.
        }
    }

    internal static ReadOnlySpan<byte> ReadSized(ref TlsReader reader) => reader.ReadBytes(reader.ReadUInt16());

    /// <summary>The primary key of the owner's hierarchy, of the usual template for a storage root key: the same each time.</summary>
    private uint Primary()
    {
        if (!_isOpen) throw new TokenHostException(TokenError.BadCall);
        if (_primary is { } made) return made;
        using var command = new TpmCommand(CreatePrimary, Owner, []);
        command.Write((ushort)4).WriteSized([]).WriteSized([]).WriteSized(TpmPublic.Primary).WriteSized([]).Write(0u);
        var response = command.TrySend(wire);
        if (response.Code == ObjectMemory && !wire.IsManaged)   // a host that was killed left its objects behind, and nobody manages them
        {
            FlushAll();
            response = new TpmResponse(0, command.Send(wire));
        }
        if (response.Code != 0) throw new TokenHostException(TokenError.DeviceFailed, response.Code);
        uint primary = BinaryPrimitives.ReadUInt32BigEndian(response.Body);
        _primary = primary;
        return primary;
    }

    private void FlushAll()
    {
        using var command = new TpmCommand(GetCapability).Write(Handles).Write(FirstTransient).Write(64u);
        var reader = new TlsReader(command.Send(wire)[5..]);   // behind moreData and the capability's name
        var handles = new uint[Math.Min(reader.ReadUInt32(), 64)];
        for (int i = 0; i < handles.Length; i++) handles[i] = reader.ReadUInt32();
        foreach (uint handle in handles) Flush(wire, handle);
    }

    private uint Property(uint property)
    {
        using var command = new TpmCommand(GetCapability).Write(Properties).Write(property).Write(1u);
        var reader = new TlsReader(command.Send(wire)[5..]);
        return reader.ReadUInt32() == 1 && reader.ReadUInt32() == property ? reader.ReadUInt32() : 0;
    }

    /// <summary>Maker and vendor strings, four letters each.</summary>
    private string Model()
    {
        Span<byte> letters = stackalloc byte[20];
        for (uint i = 0; i < 5; i++) BinaryPrimitives.WriteUInt32BigEndian(letters[(int)(4 * i)..], Property(Manufacturer + i));
        for (int i = 0; i < letters.Length; i++) if (letters[i] is < 0x20 or > 0x7e) letters[i] = (byte)' ';
        return Encoding.ASCII.GetString(letters).Trim();
    }

    private static byte[] Id(string model) => SHA256.HashData(Encoding.UTF8.GetBytes("TPM 2.0 " + model));
}
