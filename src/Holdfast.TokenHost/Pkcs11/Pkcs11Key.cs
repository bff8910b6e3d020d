using System.Security.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.TokenHost.Pkcs11;

/// <summary>A P-256 private key of a PKCS#11 token.</summary>
internal sealed class Pkcs11Key : ITokenKey
{
    private static readonly (KeyTraits Trait, nuint Attribute)[] Attributes =
    [
        (KeyTraits.Extractable, Ck.Extractable), (KeyTraits.NeverExtractable, Ck.NeverExtractable), (KeyTraits.Sensitive, Ck.Sensitive),
        (KeyTraits.AlwaysSensitive, Ck.AlwaysSensitive), (KeyTraits.Local, Ck.Local), (KeyTraits.Wrap, Ck.Wrap), (KeyTraits.Unwrap, Ck.Unwrap),
        (KeyTraits.Modifiable, Ck.Modifiable), (KeyTraits.Copyable, Ck.Copyable), (KeyTraits.Derive, Ck.Derive), (KeyTraits.Sign, Ck.Sign),
        (KeyTraits.Decrypt, Ck.Decrypt), (KeyTraits.Private, Ck.Private),
    ];

    private readonly Module _module;
    private readonly nuint _session, _key;

    private Pkcs11Key(Module module, nuint session, nuint key, TokenKey description) =>
        (_module, _session, _key, Description) = (module, session, key, description);

    public TokenKey Description { get; }

    /// <summary>Null of a key that is not of P-256, has no id, or whose public point the token does not tell.</summary>
    internal static Pkcs11Key? Open(Module module, nuint session, nuint key)
    {
        byte[]? id = module.GetAttribute(session, key, Ck.Id);
        if (id is null or [] || module.GetAttribute(session, key, Ck.EcParameters) is not { } curve || !Ck.P256.SequenceEqual(curve)) return null;
        if (PublicPoint(module, session, key, id) is not { } point) return null;
        KeyTraits known = KeyTraits.None, has = KeyTraits.None;
        foreach (var (trait, attribute) in Attributes)
        {
            if (module.GetAttribute(session, key, attribute) is not [var value]) continue;
            known |= trait;
            if (value != 0) has |= trait;
        }
        return new Pkcs11Key(module, session, key, new TokenKey(id, point, known, has));
    }

    public void Ecdh(ReadOnlySpan<byte> point, Span<byte> shared)
    {
        using var template = new Template()
            .Add(Ck.Class, Ck.ClassSecretKey).Add(Ck.KeyType, Ck.KeyTypeGenericSecret).Add(Ck.Token, false).Add(Ck.Sensitive, false)
            .Add(Ck.Extractable, true).Add(Ck.ValueLength, (nuint)shared.Length);
        nuint derived = _module.Derive(_session, _key, point, template);
        Span<byte> value = stackalloc byte[2 * TokenLimits.SharedBytes];
        int length = _module.GetValue(_session, derived, value);
        _module.DestroyObject(_session, derived);
        if (length > shared.Length || length == 0) throw new TokenHostException(TokenError.DeviceFailed);
        shared.Clear();
        value[..length].CopyTo(shared[(shared.Length - length)..]);   // some tokens leave leading zeros out
        CryptographicOperations.ZeroMemory(value);
    }

    public void SignHash(ReadOnlySpan<byte> hash, Span<byte> signature) => _module.Sign(_session, _key, hash, signature);

    /// <summary>Tookan (CCS 2010): what protects a key is worth nothing where it can be turned round, or a copy made without it.</summary>
    public KeyAltered TryToAlter()
    {
        var altered = KeyTraits.None;
        foreach (var (trait, attribute) in Attributes)
        {
            bool now = (Description.Traits & trait) != 0;
            using var turned = new Template().Add(attribute, !now);
            if (_module.SetAttribute(_session, _key, turned) != Ck.Ok) continue;
            altered |= trait;
            using var back = new Template().Add(attribute, now);
            _ = _module.SetAttribute(_session, _key, back);   // the key is refused either way
        }
        using var weaker = new Template().Add(Ck.Token, false).Add(Ck.Sensitive, false).Add(Ck.Extractable, true);
        using var plain = new Template().Add(Ck.Token, false);
        bool weakerCopy = Copies(weaker), plainCopy = Copies(plain);
        return new KeyAltered(altered, weakerCopy || plainCopy);
    }

    public void Dispose()
    {
        // The session is the reader's, and the key is the token's.
    }

    private bool Copies(Template template)
    {
        if (_module.CopyObject(_session, _key, template, out nuint copy) != Ck.Ok) return false;
        _module.DestroyObject(_session, copy);
        return true;
    }

    /// <summary>CKA_EC_POINT of the key, or of its public half, raw or in a DER octet string, as it comes.</summary>
    private static byte[]? PublicPoint(Module module, nuint session, nuint key, ReadOnlySpan<byte> id)
    {
        using var wanted = new Template().Add(Ck.Class, Ck.ClassPublicKey).Add(Ck.KeyType, Ck.KeyTypeEc).Add(Ck.Id, id);
        byte[]? said = module.FindObjects(session, wanted, 2) is [var half] ? module.GetAttribute(session, half, Ck.EcPoint) : null;
        return (said ?? module.GetAttribute(session, key, Ck.EcPoint)) switch
        {
            [4, ..] and { Length: TokenLimits.PointBytes } raw => raw,
            [4, TokenLimits.PointBytes, 4, ..] and { Length: TokenLimits.PointBytes + 2 } wrapped => wrapped[2..],
            _ => null,
        };
    }
}
