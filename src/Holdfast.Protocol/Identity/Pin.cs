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

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private readonly string? _text;

    private Pin(string text) => _text = text;

    /// <summary>The PIN made of 35 random bits.</summary>
    public static Pin FromRandom(ReadOnlySpan<byte> random)
    {
        Span<char> text = stackalloc char[Length];
        for (int i = 0; i < Length - 1; i++) text[i] = Alphabet[random[i] & 31];
        text[^1] = Alphabet[Check(text[..^1])];
        return new Pin(new string(text));
    }

    /// <summary>Reads what a person typed: any case, O for 0, I and L for 1, spaces and dashes between.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="pin">The PIN.</param>
    /// <param name="problem">What is wrong with it, in a sentence, or null.</param>
    public static bool TryParse(string text, out Pin pin, out string? problem)
    {
        pin = default;
        var characters = text.ToUpperInvariant().Where(c => c is not (' ' or '-'))
            .Select(c => c switch { 'O' => '0', 'I' or 'L' => '1', _ => c }).ToArray();
        if (characters.Length != Length || characters.Any(c => !Alphabet.Contains(c, StringComparison.Ordinal)))
        {
            problem = "A PIN has eight letters and digits.";
            return false;
        }
        if (Alphabet[Check(characters.AsSpan(..^1))] != characters[^1])
        {
            problem = "The PIN's check character does not fit: one character is wrong or two are swapped.";
            return false;
        }
        problem = null;
        pin = new Pin(new string(characters));
        return true;
    }

    /// <inheritdoc/>
    public static Pin Decode(ref TlsReader reader) =>
        TryParse(reader.ReadText(Length), out var pin, out _) ? pin : throw new CodecException("not a PIN");

    /// <inheritdoc/>
    public void Encode(TlsWriter writer) => writer.WriteText(ToString());

    /// <summary>The eight characters.</summary>
    public override string ToString() => _text ?? throw new InvalidOperationException("this PIN was never set");

    /// <summary>A weighted sum in the field of 32 elements, every weight another: that is what finds swaps.</summary>
    private static int Check(ReadOnlySpan<char> text)
    {
        int sum = 0, weight = 1;
        foreach (char character in text)
        {
            weight = Double(weight);
            sum ^= Multiply(weight, Alphabet.IndexOf(character, StringComparison.Ordinal));
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
