using System.Security.Cryptography;
using System.Text;
using Holdfast.Protocol;

namespace Holdfast.TokenHost.Pkcs11;

/// <summary>The tokens of a PKCS#11 module.</summary>
internal sealed class Pkcs11Reader(Module module) : ITokenReader
{
    private nuint _slot;
    private nuint? _session;

    public IReadOnlyList<TokenInfo> List() => [.. module.GetSlotList().Select(Describe).OfType<TokenInfo>()];

    public void Open(ReadOnlySpan<byte> token, ReadOnlySpan<byte> tokenPin)
    {
        Close();
        foreach (nuint slot in module.GetSlotList())
        {
            if (Describe(slot) is not { } info || !info.Id.Span.SequenceEqual(token)) continue;
            if (info.PinState == TokenPinState.Locked) throw new TokenHostException(TokenError.TokenPinLocked);
            (_slot, _session) = (slot, module.OpenSession(slot));
            try { module.Login(Session, tokenPin); }
            catch (TokenHostException)
            {
                Close();
                throw;
            }
            return;
        }
        throw new TokenHostException(TokenError.NoToken);
    }

    public IReadOnlyList<TokenKey> ListKeys()
    {
        using var wanted = new Template().Add(Ck.Class, Ck.ClassPrivateKey).Add(Ck.KeyType, Ck.KeyTypeEc);
        return [.. module.FindObjects(Session, wanted, TokenLimits.Keys).Select(key => Pkcs11Key.Open(module, Session, key)?.Description).OfType<TokenKey>()];
    }

    public ITokenKey Generate(KeyPurpose purpose, ReadOnlySpan<byte> name)
    {
        using var forPublic = PublicTemplate(purpose, name);
        using var forPrivate = PrivateTemplate(purpose, name);
        using var alsoNotCopyable = PrivateTemplate(purpose, name).Add(Ck.Copyable, false);
        nuint said = module.GenerateKeyPair(Session, forPublic, alsoNotCopyable, out var keys);
        if (said is Ck.AttributeTypeInvalid or Ck.AttributeValueInvalid or Ck.TemplateInconsistent)   // older than CKA_COPYABLE
            said = module.GenerateKeyPair(Session, forPublic, forPrivate, out keys);
        Module.Check(said);
        return Pkcs11Key.Open(module, Session, keys.Private) ?? throw new TokenHostException(TokenError.DeviceFailed);
    }

    public ITokenKey OpenKey(ReadOnlySpan<byte> handle)
    {
        using var wanted = new Template().Add(Ck.Class, Ck.ClassPrivateKey).Add(Ck.KeyType, Ck.KeyTypeEc).Add(Ck.Id, handle);
        return module.FindObjects(Session, wanted, 2) is [var key]
            ? Pkcs11Key.Open(module, Session, key) ?? throw new TokenHostException(TokenError.NoKey)
            : throw new TokenHostException(TokenError.NoKey);   // of two with one id neither is the one
    }

    public void Dispose()
    {
        Close();
        module.Dispose();
    }

    private nuint Session => _session ?? throw new TokenHostException(TokenError.BadCall);

    private void Close()
    {
        if (_session is not null) module.CloseAllSessions(_slot);
        _session = null;
    }

    /// <summary>Null of a slot whose token went away, or has not been set up.</summary>
    private TokenInfo? Describe(nuint slot)
    {
        byte[] info;
        try { info = module.GetTokenInfo(slot); }
        catch (TokenHostException) { return null; }
        nuint flags = (nuint)BitConverter.ToUInt64(info, 96);
        if ((flags & Ck.FlagPinInitialized) == 0) return null;
        var state = (flags & Ck.FlagPinLocked) != 0 ? TokenPinState.Locked
            : (flags & Ck.FlagPinFinalTry) != 0 ? TokenPinState.FinalTry
            : (flags & Ck.FlagPinCountLow) != 0 ? TokenPinState.Low : TokenPinState.Usual;
        return new TokenInfo(
            SHA256.HashData(info.AsSpan(0, 96)), Text(info.AsSpan(0, 32)), Text(info.AsSpan(64, 16)), state,
            module.HasMechanism(slot, Ck.MechanismEcKeyPairGen));
    }

    /// <summary>What a token says of itself is shown to people: letters, digits and marks, and nothing that moves a cursor.</summary>
    private static string Text(ReadOnlySpan<byte> padded) =>
        string.Concat(Encoding.UTF8.GetString(padded).TrimEnd(' ', '\0').EnumerateRunes().Select(rune => Rune.IsControl(rune) ? "?" : rune.ToString()));

    private static Template PublicTemplate(KeyPurpose purpose, ReadOnlySpan<byte> name) => new Template()
        .Add(Ck.Token, true).Add(Ck.Private, false).Add(Ck.Id, name).Add(Ck.Label, "Holdfast"u8).Add(Ck.EcParameters, Ck.P256)
        .Add(Ck.Verify, purpose == KeyPurpose.Sign);

    private static Template PrivateTemplate(KeyPurpose purpose, ReadOnlySpan<byte> name) => new Template()
        .Add(Ck.Token, true).Add(Ck.Private, true).Add(Ck.Id, name).Add(Ck.Label, "Holdfast"u8)
        .Add(Ck.Sensitive, true).Add(Ck.Extractable, false).Add(Ck.Modifiable, false)
        .Add(Ck.Derive, purpose == KeyPurpose.Agree).Add(Ck.Sign, purpose == KeyPurpose.Sign).Add(Ck.Decrypt, false).Add(Ck.Unwrap, false);
}
