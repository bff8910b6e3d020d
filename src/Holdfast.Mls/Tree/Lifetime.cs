using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §7.2: when a leaf from a key package is valid, in seconds since the Unix epoch, both ends included.</summary>
public sealed record Lifetime(ulong NotBefore, ulong NotAfter) : ITlsStruct<Lifetime>
{
    /// <summary>From one time to another, in whole seconds.</summary>
    /// <param name="notBefore">The beginning; a little in the past, where clocks of others may be slow.</param>
    /// <param name="notAfter">The end, not before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">It begins before 1970, or ends before it begins.</exception>
    public static Lifetime Between(DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(notBefore, DateTimeOffset.UnixEpoch);
        ArgumentOutOfRangeException.ThrowIfLessThan(notAfter, notBefore);
        return new Lifetime((ulong)notBefore.ToUnixTimeSeconds(), (ulong)notAfter.ToUnixTimeSeconds());
    }

    /// <summary>Whether <paramref name="time"/> lies inside.</summary>
    public bool Contains(DateTimeOffset time)
    {
        long seconds = time.ToUnixTimeSeconds();
        return seconds >= 0 && NotBefore <= (ulong)seconds && (ulong)seconds <= NotAfter;
    }

    /// <summary>RFC 9420 §7.2: whether the total lifetime is in order and no longer than the application accepts.</summary>
    public bool IsAtMost(TimeSpan longest) => NotBefore <= NotAfter && NotAfter - NotBefore <= (ulong)longest.TotalSeconds;

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        writer.WriteUInt64(NotBefore);
        writer.WriteUInt64(NotAfter);
    }

    /// <inheritdoc/>
    public static Lifetime Decode(ref TlsReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());
}
