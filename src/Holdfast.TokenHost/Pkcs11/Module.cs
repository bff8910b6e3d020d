using System.Runtime.InteropServices;
using Holdfast.Protocol;

namespace Holdfast.TokenHost.Pkcs11;

/// <summary>
/// A PKCS#11 module in this process, by the pointers of its function list (CK_FUNCTION_LIST, §3.6): a version, then 68 functions in a fixed
/// order (<see cref="C"/>). One thread calls it.
/// </summary>
internal sealed unsafe class Module : IDisposable
{
    private readonly nint* _functions;

    private Module(nint* list) => _functions = list + 1;   // behind the version, which is padded to a pointer's size

    /// <exception cref="TokenHostException">It is not a module, or does not start.</exception>
    internal static Module Load(string path)
    {
        if (OperatingSystem.IsWindows()) throw new TokenHostException(TokenError.Unsupported);
        if (!NativeLibrary.TryLoad(path, out nint library) || !NativeLibrary.TryGetExport(library, "C_GetFunctionList", out nint export))
            throw new TokenHostException(TokenError.Unreachable);
        nint* list = null;
        Check(((delegate* unmanaged[Cdecl]<nint**, nuint>)export)(&list));
        if (list == null) throw new TokenHostException(TokenError.Unreachable);
        var module = new Module(list);
        nuint started = ((delegate* unmanaged[Cdecl]<void*, nuint>)module._functions[C.Initialize])(null);
        if (started != Ck.AlreadyInitialized) Check(started);
        return module;
    }

    /// <summary>C_Finalize.</summary>
    public void Dispose() => _ = ((delegate* unmanaged[Cdecl]<void*, nuint>)_functions[C.Finalize])(null);   // we are leaving anyway

    internal nuint[] GetSlotList()
    {
        nuint* slots = stackalloc nuint[TokenLimits.Tokens];
        nuint count = TokenLimits.Tokens;
        nuint said = ((delegate* unmanaged[Cdecl]<byte, nuint*, nuint*, nuint>)_functions[C.GetSlotList])(1, slots, &count);
        if (said == Ck.BufferTooSmall) throw new TokenHostException(TokenError.Unsupported, (uint)said);   // more tokens than we show
        Check(said);
        return count > TokenLimits.Tokens ? throw new TokenHostException(TokenError.DeviceFailed) : new ReadOnlySpan<nuint>(slots, (int)count).ToArray();
    }

    /// <summary>C_GetTokenInfo: CK_TOKEN_INFO as bytes; label 32, maker 32, model 16, serial 16, flags 8, ….</summary>
    internal byte[] GetTokenInfo(nuint slot)
    {
        byte* info = stackalloc byte[512];
        new Span<byte>(info, 512).Clear();
        Check(((delegate* unmanaged[Cdecl]<nuint, byte*, nuint>)_functions[C.GetTokenInfo])(slot, info));
        return new ReadOnlySpan<byte>(info, 208).ToArray();
    }

    /// <summary>Whether C_GetMechanismInfo knows the mechanism.</summary>
    internal bool HasMechanism(nuint slot, nuint mechanism)
    {
        nuint* info = stackalloc nuint[8];
        return ((delegate* unmanaged[Cdecl]<nuint, nuint, nuint*, nuint>)_functions[C.GetMechanismInfo])(slot, mechanism, info) == Ck.Ok;
    }

    internal nuint OpenSession(nuint slot)
    {
        nuint session = 0;
        Check(((delegate* unmanaged[Cdecl]<nuint, nuint, void*, void*, nuint*, nuint>)_functions[C.OpenSession])(
            slot, Ck.SessionSerial | Ck.SessionReadWrite, null, null, &session));
        return session;
    }

    /// <summary>C_CloseAllSessions, which logs out as well.</summary>
    internal void CloseAllSessions(nuint slot) => _ = ((delegate* unmanaged[Cdecl]<nuint, nuint>)_functions[C.CloseAllSessions])(slot);

    internal void Login(nuint session, ReadOnlySpan<byte> tokenPin)
    {
        fixed (byte* pin = tokenPin)
            Check(((delegate* unmanaged[Cdecl]<nuint, nuint, byte*, nuint, nuint>)_functions[C.Login])(session, Ck.User, pin, (nuint)tokenPin.Length));
    }

    /// <summary>C_CopyObject; the CK_RV, and the copy.</summary>
    internal nuint CopyObject(nuint session, nuint key, Template template, out nuint copy)
    {
        nuint made = 0;
        nuint said = ((delegate* unmanaged[Cdecl]<nuint, nuint, CkAttribute*, nuint, nuint*, nuint>)_functions[C.CopyObject])(
            session, key, template.Attributes, template.Count, &made);
        copy = made;
        return said;
    }

    internal void DestroyObject(nuint session, nuint thing) => _ = ((delegate* unmanaged[Cdecl]<nuint, nuint, nuint>)_functions[C.DestroyObject])(session, thing);

    /// <summary>C_GetAttributeValue of one attribute into a buffer; null where the token does not say, or says more than fits.</summary>
    internal byte[]? GetAttribute(nuint session, nuint thing, nuint type)
    {
        const int Room = 256;
        byte* value = stackalloc byte[Room];
        var attribute = new CkAttribute { Type = type, Value = value, Length = Room };
        nuint said = ((delegate* unmanaged[Cdecl]<nuint, nuint, CkAttribute*, nuint, nuint>)_functions[C.GetAttributeValue])(session, thing, &attribute, 1);
        byte[]? read = said == Ck.Ok && attribute.Length <= Room ? new ReadOnlySpan<byte>(value, (int)attribute.Length).ToArray() : null;
        new Span<byte>(value, Room).Clear();
        return read;
    }

    /// <summary>C_GetAttributeValue of CKA_VALUE, a secret, into all of <paramref name="value"/>, which is longer than one can be; its length.</summary>
    internal int GetValue(nuint session, nuint thing, Span<byte> value)
    {
        fixed (byte* target = value)
        {
            var attribute = new CkAttribute { Type = Ck.Value, Value = target, Length = (nuint)value.Length };
            Check(((delegate* unmanaged[Cdecl]<nuint, nuint, CkAttribute*, nuint, nuint>)_functions[C.GetAttributeValue])(session, thing, &attribute, 1));
            return attribute.Length > (nuint)value.Length ? throw new TokenHostException(TokenError.DeviceFailed) : (int)attribute.Length;
        }
    }

    /// <summary>C_SetAttributeValue; the CK_RV.</summary>
    internal nuint SetAttribute(nuint session, nuint thing, Template template) =>
        ((delegate* unmanaged[Cdecl]<nuint, nuint, CkAttribute*, nuint, nuint>)_functions[C.SetAttributeValue])(session, thing, template.Attributes, template.Count);

    internal nuint[] FindObjects(nuint session, Template template, int most)
    {
        nuint* found = stackalloc nuint[most];
        nuint count = 0;
        Check(((delegate* unmanaged[Cdecl]<nuint, CkAttribute*, nuint, nuint>)_functions[C.FindObjectsInit])(session, template.Attributes, template.Count));
        nuint said = ((delegate* unmanaged[Cdecl]<nuint, nuint*, nuint, nuint*, nuint>)_functions[C.FindObjects])(session, found, (nuint)most, &count);
        _ = ((delegate* unmanaged[Cdecl]<nuint, nuint>)_functions[C.FindObjectsFinal])(session);   // ends the search, whatever it found
        Check(said);
        return count > (nuint)most ? throw new TokenHostException(TokenError.DeviceFailed) : new ReadOnlySpan<nuint>(found, (int)count).ToArray();
    }

    internal void Sign(nuint session, nuint key, ReadOnlySpan<byte> hash, Span<byte> signature)
    {
        var mechanism = new CkMechanism { Mechanism = Ck.MechanismEcdsa };
        nuint length = (nuint)signature.Length;
        Check(((delegate* unmanaged[Cdecl]<nuint, CkMechanism*, nuint, nuint>)_functions[C.SignInit])(session, &mechanism, key));
        fixed (byte* source = hash, target = signature)
            Check(((delegate* unmanaged[Cdecl]<nuint, byte*, nuint, byte*, nuint*, nuint>)_functions[C.Sign])(
                session, source, (nuint)hash.Length, target, &length));
        if (length != (nuint)signature.Length) throw new TokenHostException(TokenError.DeviceFailed);
    }

    /// <summary>C_GenerateKeyPair; the CK_RV, and both keys.</summary>
    internal nuint GenerateKeyPair(nuint session, Template forPublic, Template forPrivate, out (nuint Public, nuint Private) keys)
    {
        var mechanism = new CkMechanism { Mechanism = Ck.MechanismEcKeyPairGen };
        nuint publicKey = 0, privateKey = 0;
        nuint said = ((delegate* unmanaged[Cdecl]<nuint, CkMechanism*, CkAttribute*, nuint, CkAttribute*, nuint, nuint*, nuint*, nuint>)_functions[C.GenerateKeyPair])(
            session, &mechanism, forPublic.Attributes, forPublic.Count, forPrivate.Attributes, forPrivate.Count, &publicKey, &privateKey);
        keys = (publicKey, privateKey);
        return said;
    }

    /// <summary>C_DeriveKey with CKM_ECDH1_DERIVE, the point raw and no key derivation function: what comes out is x.</summary>
    internal nuint Derive(nuint session, nuint key, ReadOnlySpan<byte> point, Template template)
    {
        nuint derived = 0;
        fixed (byte* other = point)
        {
            var parameters = new CkEcdh1 { Kdf = Ck.KdfNull, PublicLength = (nuint)point.Length, Public = other };
            var mechanism = new CkMechanism { Mechanism = Ck.MechanismEcdh1Derive, Parameter = &parameters, Length = (nuint)sizeof(CkEcdh1) };
            nuint said = ((delegate* unmanaged[Cdecl]<nuint, CkMechanism*, nuint, CkAttribute*, nuint, nuint*, nuint>)_functions[C.DeriveKey])(
                session, &mechanism, key, template.Attributes, template.Count, &derived);
            Check(said);
        }
        return derived;
    }

    /// <exception cref="TokenHostException">A CK_RV that is not CKR_OK.</exception>
    internal static void Check(nuint said)
    {
        if (said != Ck.Ok) throw new TokenHostException(Meaning(said), (uint)(said & uint.MaxValue));
    }

    private static TokenError Meaning(nuint said) => said switch
    {
        0xa0 or 0xa1 or 0xa2 => TokenError.TokenPinWrong,                        // CKR_PIN_INCORRECT, _INVALID, _LEN_RANGE
        0xa3 or 0xa4 => TokenError.TokenPinLocked,                               // CKR_PIN_EXPIRED, _LOCKED
        0x3 or 0x32 or 0xb0 or 0xb3 or 0xe0 or 0xe1 => TokenError.NoToken,       // CKR_SLOT_ID_INVALID, _DEVICE_REMOVED, _SESSION_CLOSED, _SESSION_HANDLE_INVALID, _TOKEN_NOT_…
        0x60 or 0x82 => TokenError.NoKey,                                        // CKR_KEY_HANDLE_INVALID, _OBJECT_HANDLE_INVALID
        0x54 or 0x63 or 0x68 or 0x70 => TokenError.Unsupported,                  // CKR_FUNCTION_NOT_SUPPORTED, _KEY_TYPE_INCONSISTENT, _KEY_FUNCTION_NOT_PERMITTED, _MECHANISM_INVALID
        0x71 => TokenError.BadPoint,                                             // CKR_MECHANISM_PARAM_INVALID
        _ => TokenError.DeviceFailed,
    };

    /// <summary>Where the functions that we call stand in the list, behind the version: C_Initialize is the first.</summary>
    private static class C
    {
        internal const int Initialize = 0, Finalize = 1, GetSlotList = 4, GetTokenInfo = 6, GetMechanismInfo = 8;
        internal const int OpenSession = 12, CloseAllSessions = 14, Login = 18;
        internal const int CopyObject = 21, DestroyObject = 22, GetAttributeValue = 24, SetAttributeValue = 25;
        internal const int FindObjectsInit = 26, FindObjects = 27, FindObjectsFinal = 28;
        internal const int SignInit = 42, Sign = 43, GenerateKeyPair = 59, DeriveKey = 62;
    }

    /// <summary>CK_MECHANISM.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CkMechanism
    {
        internal nuint Mechanism;
        internal void* Parameter;
        internal nuint Length;
    }

    /// <summary>CK_ECDH1_DERIVE_PARAMS.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CkEcdh1
    {
        internal nuint Kdf;
        internal nuint SharedLength;
        internal byte* Shared;
        internal nuint PublicLength;
        internal byte* Public;
    }
}
