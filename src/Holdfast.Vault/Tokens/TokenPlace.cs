using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>What the key file says of the token that guards a profile. Nothing in it is secret; all of it is authenticated with the key.</summary>
/// <param name="Profile">Random, made at enrolment: the record opens with it and with no other.</param>
/// <param name="Record">A <see cref="TokenRecord"/>.</param>
/// <param name="Told">What anybody may be told.</param>
internal sealed record TokenPlace(ReadOnlyMemory<byte> Profile, ReadOnlyMemory<byte> Record, GuardingToken Told) : ITlsStruct<TokenPlace>
{
    internal const int ProfileBytes = 16;

    /// <inheritdoc/>
    public static TokenPlace Decode(ref TlsReader reader) => new(
        reader.ReadBytes(ProfileBytes).ToArray(), reader.ReadOpaque(TokenRecord.MostBytes).ToArray(), GuardingToken.Decode(ref reader));

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteBytes(Profile.Span);
        writer.WriteOpaque(Record.Span);
        Told.Encode(writer);
    }
}
