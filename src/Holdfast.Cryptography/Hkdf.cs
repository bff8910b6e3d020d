using System.Security.Cryptography;

namespace Holdfast.Cryptography;

/// <summary>A hash function with the HMAC (RFC 2104) and HKDF (RFC 5869) over it.</summary>
public sealed class Hkdf
{
    private const int OnStack = 512;

    /// <summary>OpenSSL refuses an info of more than 32 KiB; RFC 5869 has no limit, and in MLS others decide how long it is.</summary>
    private const int LongestPlatformInfo = 1 << 10;

    private readonly HashAlgorithmName _name;

    private Hkdf(HashAlgorithmName name, int size) => (_name, HashSize) = (name, size);

    /// <summary>HKDF over SHA-256.</summary>
    public static Hkdf Sha256 { get; } = new(HashAlgorithmName.SHA256, 32);

    /// <summary>HKDF over SHA-384.</summary>
    public static Hkdf Sha384 { get; } = new(HashAlgorithmName.SHA384, 48);

    /// <summary>HKDF over SHA-512.</summary>
    public static Hkdf Sha512 { get; } = new(HashAlgorithmName.SHA512, 64);

    /// <summary>The hash's size in bytes.</summary>
    public int HashSize { get; }

    /// <summary>The hash of <paramref name="data"/>.</summary>
    public byte[] Hash(ReadOnlySpan<byte> data) => CryptographicOperations.HashData(_name, data);

    /// <summary>The hash of <paramref name="data"/> into <paramref name="output"/>.</summary>
    public void Hash(ReadOnlySpan<byte> data, Span<byte> output) => CryptographicOperations.HashData(_name, data, output);

    /// <summary>The HMAC of <paramref name="data"/>.</summary>
    public byte[] Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => CryptographicOperations.HmacData(_name, key, data);

    /// <summary>Whether <paramref name="tag"/> is the HMAC of <paramref name="data"/>, in constant time.</summary>
    public bool VerifyMac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> tag) =>
        CryptographicOperations.FixedTimeEquals(Mac(key, data), tag);

    /// <summary>RFC 5869 §2.2: a pseudorandom key of the hash's size.</summary>
    public Secret Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKey)
    {
        var secret = new Secret(HashSize);
        Extract(salt, inputKey, secret.Fill());
        return secret;
    }

    /// <summary>RFC 5869 §2.2 into <paramref name="output"/>, of the hash's size, which is the caller's to wipe.</summary>
    public void Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> inputKey, Span<byte> output)
    {
        if (output.Length != HashSize) throw new ArgumentException("a pseudorandom key has the hash's size", nameof(output));
        CryptographicOperations.HmacData(_name, salt, inputKey, output);
    }

    /// <summary>RFC 5869 §2.3: <paramref name="length"/> bytes of output key.</summary>
    public Secret Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, int length)
    {
        var secret = new Secret(length);
        Expand(pseudorandomKey, info, secret.Fill());
        return secret;
    }

    /// <summary>RFC 5869 §2.3 into <paramref name="output"/>, which is the caller's to wipe.</summary>
    public void Expand(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output)
    {
        if (output.Length > HashSize || info.Length >= OnStack)
        {
            if (info.Length <= LongestPlatformInfo) HKDF.Expand(_name, pseudorandomKey, output, info);
            else ExpandLong(pseudorandomKey, info, output);
            return;
        }
        // One block, as nearly always: T(1) = HMAC(PRK, info | 0x01). .NET's own takes twice as long and allocates.
        Span<byte> input = stackalloc byte[OnStack], block = stackalloc byte[HashSize];
        info.CopyTo(input);
        input[info.Length] = 1;
        CryptographicOperations.HmacData(_name, pseudorandomKey, input[..(info.Length + 1)], block);
        block[..output.Length].CopyTo(output);
        CryptographicOperations.ZeroMemory(block);
    }

    private void ExpandLong(ReadOnlySpan<byte> pseudorandomKey, ReadOnlySpan<byte> info, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(output.Length, 255 * HashSize);
        using var mac = IncrementalHash.CreateHMAC(_name, pseudorandomKey);
        Span<byte> block = stackalloc byte[HashSize];
        for (int counter = 1; !output.IsEmpty; counter++)
        {
            mac.AppendData(info);
            mac.AppendData([(byte)counter]);
            mac.GetHashAndReset(block);
            int taken = Math.Min(block.Length, output.Length);
            block[..taken].CopyTo(output);
            output = output[taken..];
            mac.AppendData(block);
        }
        CryptographicOperations.ZeroMemory(block);
    }
}
