namespace Holdfast.Codec;

/// <summary>A structure of the TLS presentation language (RFC 8446 §3): it writes itself and reads itself back.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
public interface ITlsStruct<TSelf> where TSelf : ITlsStruct<TSelf>
{
    /// <summary>Appends the structure's one and only encoding.</summary>
    void Encode(TlsWriter writer);

    /// <summary>Reads one structure and leaves the reader behind it.</summary>
    /// <exception cref="CodecException">The bytes are not a valid encoding.</exception>
    static abstract TSelf Decode(ref TlsReader reader);
}
