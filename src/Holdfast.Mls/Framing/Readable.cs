using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>
/// What we make is held to the limits that we hold others to (<see cref="MlsLimits"/>): a commit that only its maker can read would
/// leave the maker alone in the next epoch, and a state that cannot be read would be lost with the next restart.
/// </summary>
internal static class Readable
{
    /// <summary>The value, which every member can read.</summary>
    /// <exception cref="MlsException">It is over a limit, or malformed.</exception>
    internal static T Checked<T>(T value) where T : ITlsStruct<T>
    {
        try
        {
            _ = Tls.Decode<T>(Tls.Encode(value));
            return value;
        }
        catch (CodecException unreadable)
        {
            throw MlsException.Of(unreadable)!;
        }
    }
}
