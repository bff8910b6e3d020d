using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>
/// An answer that is a question: the call before needs a token, and goes on where it was with <see cref="TokenAnswered"/>. Any other call
/// ends it, with nothing changed, and is answered itself.
/// </summary>
/// <param name="Role">Which token.</param>
/// <param name="Frame">
/// A frame for its host, to be passed on unread: what is in it is blinded, but for the token PIN. Where it was decoded the garbage collector
/// makes no copies of it; wiping it is the receiver's.
/// </param>
public sealed record AskToken(TokenRole Role, ReadOnlyMemory<byte> Frame) : VaultReply
{
    internal const byte Tag = 21;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt8((byte)Role);
        writer.WriteOpaque(Frame.Span);
    }

    internal static AskToken DecodeBody(ref TlsReader reader) => new(
        Wire.ReadEnum<TokenRole>(ref reader), Wire.ReadSecret(ref reader, TokenFrame.HeaderBytes + TokenLimits.FrameBytes));
}

/// <summary>What a token's host said to <see cref="AskToken"/>. Answered by what the call before is answered by, or by another question.</summary>
/// <param name="Answer">The body of its frame, without the header; empty where none came in time. Wiping it is the receiver's.</param>
public sealed record TokenAnswered(ReadOnlyMemory<byte> Answer) : VaultCall
{
    internal const byte Tag = 35;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteOpaque(Answer.Span);
    }

    internal static TokenAnswered DecodeBody(ref TlsReader reader) => new(Wire.ReadSecret(ref reader, TokenLimits.FrameBytes));
}

/// <summary>The token that guards a profile, as the profile says to whoever has its files.</summary>
/// <param name="Label">What the token called itself when it was enrolled.</param>
/// <param name="Model">Its model, likewise.</param>
/// <param name="Way">What finds it again: the normal world's own, which the vault keeps and does not read.</param>
public sealed record GuardingToken(string Label, string Model, ReadOnlyMemory<byte> Way) : ITlsStruct<GuardingToken>
{
    /// <inheritdoc/>
    public static GuardingToken Decode(ref TlsReader reader) => new(
        reader.ReadText(TokenLimits.LabelBytes), reader.ReadText(TokenLimits.LabelBytes), reader.ReadOpaque(TokenLimits.WayBytes).ToArray());

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteText(Label);
        writer.WriteText(Model);
        writer.WriteOpaque(Way.Span);
    }

    /// <summary>The kind of thing, not what it is called.</summary>
    public override string ToString() => nameof(GuardingToken);
}
