using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §5.3: what ties a member's identity to its signature key; the application judges it.</summary>
public abstract record Credential : ITlsStruct<Credential>
{
    private protected Credential()
    {
    }

    /// <summary>One of <see cref="CredentialType"/>.</summary>
    public abstract ushort Type { get; }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt16(Type);
        EncodeBody(writer);
    }

    /// <summary>Reads a credential; one of a type we do not know is carried unread.</summary>
    public static Credential Decode(ref TlsReader reader) => reader.ReadUInt16() switch
    {
        CredentialType.Reserved => throw new CodecException("RFC 9420 §17.5: credential type 0 is reserved"),
        CredentialType.Basic => new BasicCredential(reader.ReadOpaque(MlsLimits.MaxIdentitySize).ToArray()),
        CredentialType.X509 => X509Credential.DecodeBody(ref reader),
        var type => new UnknownCredential(type, reader.ReadOpaque(MlsLimits.MaxIdentitySize).ToArray()),
    };

    private protected abstract void EncodeBody(TlsWriter writer);
}

/// <summary>RFC 9420 §5.3: a bare assertion of an identity, whose format is the application's.</summary>
public sealed record BasicCredential(ReadOnlyMemory<byte> Identity) : Credential
{
    /// <inheritdoc/>
    public override ushort Type => CredentialType.Basic;

    private protected override void EncodeBody(TlsWriter writer) => writer.WriteOpaque(Identity.Span);
}

/// <summary>
/// A credential of a type we do not know, which only an application that lists the type can accept. RFC 9420 gives a credential no
/// length of its own, so that such a type can be read only where its body is one vector, as all that are registered have it.
/// </summary>
public sealed record UnknownCredential : Credential
{
    /// <summary>A credential of a type that this library does not read.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="body">What is inside the body's vector.</param>
    /// <exception cref="ArgumentException">The type is one we know.</exception>
    public UnknownCredential(ushort type, ReadOnlyMemory<byte> body)
    {
        if (type is CredentialType.Reserved or CredentialType.Basic or CredentialType.X509)
            throw new ArgumentException("a credential type that is known", nameof(type));
        (Type, Body) = (type, body);
    }

    /// <inheritdoc/>
    public override ushort Type { get; }

    /// <summary>What is inside the body's vector.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    private protected override void EncodeBody(TlsWriter writer) => writer.WriteOpaque(Body.Span);
}
