using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.2, §13.4: a typed piece of data; unknown types are carried unread.</summary>
/// <param name="Type">One of <see cref="ExtensionType"/>, or a type we do not know.</param>
/// <param name="Data">The content, in the type's own encoding.</param>
public sealed record Extension(ushort Type, ReadOnlyMemory<byte> Data) : ITlsStruct<Extension>
{
    internal const string Doubled = "RFC 9420 §13.4: a list has two extensions of one type";

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt16(Type);
        writer.WriteOpaque(Data.Span);
    }

    /// <inheritdoc/>
    public static Extension Decode(ref TlsReader reader) => new(reader.ReadUInt16(), reader.ReadOpaque().ToArray());

    /// <summary>Reads <c>Extension extensions&lt;V&gt;</c>.</summary>
    /// <exception cref="CodecException">RFC 9420 §13.4: a list MUST NOT have two extensions of one type.</exception>
    public static IReadOnlyList<Extension> DecodeList(ref TlsReader reader)
    {
        var extensions = reader.ReadVector<Extension>(MlsLimits.MaxExtensions);
        return AreDistinct(extensions) ? extensions : throw new CodecException(Doubled);
    }

    /// <summary>The extension of that type, or null.</summary>
    public static Extension? Find(IReadOnlyList<Extension> extensions, ushort type) =>
        extensions.FirstOrDefault(extension => extension.Type == type);

    /// <summary>RFC 9420 §13.4: a list MUST NOT have two extensions of one type.</summary>
    internal static bool AreDistinct(IReadOnlyList<Extension> extensions)
    {
        for (int i = 1; i < extensions.Count; i++)   // few: a set would cost more than they
        {
            for (int j = 0; j < i; j++)
            {
                if (extensions[i].Type == extensions[j].Type) return false;
            }
        }
        return true;
    }
}
