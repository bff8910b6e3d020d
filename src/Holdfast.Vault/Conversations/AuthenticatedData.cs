using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// What every MLS message of ours authenticates beside its content: the post's own id, so that the server cannot show one post
/// as another. The checkpoint's place is kept for the witnessed ledger (its size and root), and is empty until there is one.
/// </summary>
/// <param name="Id">The post's id.</param>
/// <param name="Checkpoint">Empty.</param>
internal sealed record AuthenticatedData(MessageId Id, ReadOnlyMemory<byte> Checkpoint) : ITlsStruct<AuthenticatedData>
{
    /// <inheritdoc/>
    public static AuthenticatedData Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        return new(MessageId.Decode(ref reader), reader.ReadOpaque(ProtocolLimits.CheckpointBytes).ToArray());
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        Id.Encode(writer);
        writer.WriteOpaque(Checkpoint.Span);
    }

    internal static byte[] For(MessageId id) => Tls.Encode(new AuthenticatedData(id, ReadOnlyMemory<byte>.Empty));

    /// <summary>Whether authenticated bytes belong to this post.</summary>
    internal static bool Names(ReadOnlyMemory<byte> authenticated, MessageId id)
    {
        try { return Tls.Decode<AuthenticatedData>(authenticated.Span).Id == id; }
        catch (CodecException) { return false; }
    }
}
