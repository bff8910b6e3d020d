using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>
/// An account's PIN: seven random characters and a check character over the 32 letters and digits that are hard to
/// confuse. The check finds every single wrong character and every swap of two neighbours.
/// </summary>
public readonly record struct Pin : ITlsStruct<Pin>
{
    /// <summary>The number of characters.</summary>
    public const int Length = 8;

    private static readonly byte[] Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"u8.ToArray();

    /// <summary>The eight characters' ASCII codes, so that a PIN allocates nothing; zero was never set.</summary>
    private readonly ulong _packed;

    private Pin(ReadOnlySpan<byte> characters)
    {
        foreach (byte character in characters) _packed = (_packed << 8) | character;
    }

    /// <summary>The PIN made of 35 random bits.</summary>
    /// <param name="random">Seven random bytes or more; five bits of each of the first seven are used.</param>
    public static Pin FromRandom(ReadOnlySpan<byte> random)
    {
        Span<byte> characters = stackalloc byte[Length];
        for (int i = 0; i < Length - 1; i++) characters[i] = Alphabet[random[i] & 31];
        characters[^1] = Alphabet[Check(characters[..^1])];
        return new Pin(characters);
    }

    /// <summary>Reads what a person typed: any case, O for 0, I and L for 1, spaces and dashes between.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="pin">The PIN.</param>
    /// <param name="problem">What is wrong with it, in a sentence, or null.</param>
    public static bool TryParse(string text, out Pin pin, out string? problem)
    {
        var characters = text.Where(c => c is not (' ' or '-')).Take(Length + 1).Select(Forgive).ToArray();
        problem = Problem(characters);
        pin = problem is null ? new Pin(characters) : default;
        return problem is null;
    }

    /// <summary>Reads the one encoding; what a person may type is not forgiven here.</summary>
    /// <exception cref="CodecException">The bytes are not a PIN.</exception>
    public static Pin Decode(ref TlsReader reader)
    {
        var characters = reader.ReadOpaque(Length);
        return Problem(characters) is null ? new Pin(characters) : throw new CodecException("not a PIN");
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer) => writer.WriteText(ToString());

    /// <summary>The eight characters.</summary>
    public override string ToString() => _packed == 0
        ? throw new InvalidOperationException("this PIN was never set")
        : string.Create(Length, _packed, static (text, packed) =>
        {
            for (int i = text.Length - 1; i >= 0; i--, packed >>= 8) text[i] = (char)(packed & 0xff);
        });

    private static byte Forgive(char typed) => typed switch
    {
        'O' or 'o' => (byte)'0',
        'I' or 'i' or 'L' or 'l' => (byte)'1',
        _ => char.IsAscii(typed) ? (byte)char.ToUpperInvariant(typed) : (byte)0,
    };

    private static string? Problem(ReadOnlySpan<byte> characters)
    {
        if (characters.Length != Length || characters.ContainsAnyExcept(Alphabet)) return "A PIN has eight letters and digits.";
        return Alphabet[Check(characters[..^1])] == characters[^1]
            ? null
            : "The PIN's check character does not fit: one character is wrong or two are swapped.";
    }

    /// <summary>A weighted sum in the field of 32 elements, every weight another: that is what finds swaps.</summary>
    private static int Check(ReadOnlySpan<byte> characters)
    {
        int sum = 0, weight = 1;
        foreach (byte character in characters)
        {
            weight = Double(weight);
            sum ^= Multiply(weight, Alphabet.AsSpan().IndexOf(character));
        }
        return sum;
    }

    /// <summary>Multiplication by x modulo x^5 + x^2 + 1.</summary>
    private static int Double(int value) => ((value << 1) ^ (value >= 16 ? 0b100101 : 0)) & 31;

    private static int Multiply(int a, int b)
    {
        int product = 0;
        for (; b > 0; b >>= 1, a = Double(a)) product ^= (b & 1) * a;
        return product;
    }
}
