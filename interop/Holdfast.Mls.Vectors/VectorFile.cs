using System.Text.Json;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Vectors;

/// <summary>A file of test vectors: a JSON array of cases in one of the working group's formats.</summary>
public sealed class VectorFile
{
    private readonly IReadOnlyList<JsonElement> _cases;

    private VectorFile(VectorFormat format, IReadOnlyList<JsonElement> cases) => (Format, _cases) = (format, cases);

    /// <summary>The format, recognised by what the first case has in it.</summary>
    public VectorFormat Format { get; }

    /// <summary>How many cases there are; at least one.</summary>
    public int Count => _cases.Count;

    /// <summary>Reads a file.</summary>
    /// <param name="utf8">The whole file, 1 GiB at most.</param>
    /// <exception cref="InvalidDataException">It is no JSON, has no cases, or is in no format that we know.</exception>
    public static VectorFile Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return Of(document.RootElement.Clone());
        }
        catch (JsonException malformed)
        {
            throw new InvalidDataException($"not JSON: {malformed.Message}", malformed);
        }
    }

    /// <summary>The same for JSON that is read already.</summary>
    /// <exception cref="InvalidDataException">It has no cases, or is in no format that we know.</exception>
    public static VectorFile Of(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Array) throw new InvalidDataException("not an array of cases");
        JsonElement[] cases = [.. root.EnumerateArray()];
        if (cases.Length == 0) throw new InvalidDataException("an array without cases");
        return new VectorFile(VectorFormat.Recognise(cases[0]), cases);
    }

    /// <summary>Verifies what one case says.</summary>
    /// <param name="index">Which, from 0.</param>
    public VectorOutcome Verify(int index) => Outcome(index, Format.Verify);

    /// <summary>
    /// Verifies, from where one case begins, what we make ourselves; in most formats there is nothing beyond <see cref="Verify"/>.
    /// </summary>
    /// <param name="index">Which, from 0.</param>
    public VectorOutcome VerifyOurs(int index) => Outcome(index, Format.VerifyOurs);

    /// <summary>The cipher suite that a case names, known or not; null where it names none.</summary>
    public ushort? SuiteOf(int index) =>
        _cases[index].TryGetProperty("cipher_suite", out var suite) ? suite.GetUInt16() : null;

    private VectorOutcome Outcome(int index, Action<JsonElement> verify)
    {
        try
        {
            if (SuiteOf(index) is { } suite && CipherSuite.Find(suite) is null)
                return VectorOutcome.Skipped($"cipher suite {suite} is not known");
            verify(_cases[index]);
            return VectorOutcome.Passed;
        }
        catch (Exception broken)   // whatever a damaged case leads to is that case's failure, and must not hide the others
        {
            return VectorOutcome.Failed(broken is VectorMismatchException ? broken.Message : $"{broken.GetType().Name}: {broken.Message}");
        }
    }
}
