using System.Buffers.Binary;
using System.Text;

namespace Holdfast.Scenarios;

/// <summary>What must not be found, in each form in which it might lie somewhere: an index by the first eight bytes of each form.</summary>
internal sealed class Needles
{
    private const int IndexBytes = 8, FilterBits = 24;

    private readonly Dictionary<ulong, List<(byte[] Bytes, string What)>> _forms = [];
    private readonly ulong[] _filter = new ulong[1 << (FilterBits - 6)];

    /// <summary>How many forms are looked for.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a text in every form.</summary>
    public void Add(string what, string text)
    {
        Add(what, Encoding.UTF8.GetBytes(text));
        AddForm($"{what}, UTF-16LE", Encoding.Unicode.GetBytes(text));
        AddForm($"{what}, UTF-16BE", Encoding.BigEndianUnicode.GetBytes(text));
    }

    /// <summary>Adds bytes as they are, in hexadecimal and in base64, and these two also as UTF-16.</summary>
    public void Add(string what, byte[] bytes)
    {
        if (bytes.Length < IndexBytes) throw new ArgumentException($"{what} is too short to be told from chance", nameof(bytes));
        AddForm($"{what}, raw", bytes);
        foreach (var (form, text) in Written(bytes))
        {
            AddForm($"{what}, {form}", Encoding.ASCII.GetBytes(text));
            AddForm($"{what}, {form} in UTF-16LE", Encoding.Unicode.GetBytes(text));
            AddForm($"{what}, {form} in UTF-16BE", Encoding.BigEndianUnicode.GetBytes(text));
        }
    }

    /// <summary>Adds bytes only as they are: for long content of which a part is enough.</summary>
    public void AddRaw(string what, byte[] bytes) => AddForm($"{what}, raw", bytes);

    /// <summary>The first thing found at the very beginning of these bytes, or null.</summary>
    public string? At(ReadOnlySpan<byte> bytes)
    {
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        int slot = Slot(first);
        if ((_filter[slot >> 6] & (1UL << (slot & 63))) == 0 || !_forms.TryGetValue(first, out var forms)) return null;
        foreach (var (form, what) in forms)
            if (bytes.StartsWith(form)) return what;
        return null;
    }

    /// <summary>Finds everything in these bytes: where, and what.</summary>
    public IEnumerable<(int Offset, string What)> FindAll(ReadOnlyMemory<byte> bytes)
    {
        for (int at = 0; (at = Next(bytes.Span, at, out string what)) >= 0; at++) yield return (at, what);
    }

    private int Next(ReadOnlySpan<byte> bytes, int from, out string what)
    {
        for (int at = from; at <= bytes.Length - IndexBytes; at++)
        {
            if (At(bytes[at..]) is not { } found) continue;
            what = found;
            return at;
        }
        what = "";
        return -1;
    }

    private static IEnumerable<(string Form, string Text)> Written(byte[] bytes)
    {
        yield return ("hexadecimal", Convert.ToHexStringLower(bytes));
        yield return ("HEXADECIMAL", Convert.ToHexString(bytes));
        for (int before = 0; before < 3; before++)
        {
            string standard = Inner(bytes, before), url = standard.Replace('+', '-').Replace('/', '_');
            yield return ($"base64 with {before} bytes before it", standard);
            if (url != standard) yield return ($"base64url with {before} bytes before it", url);
        }
    }

    /// <summary>The digits of base64 that depend on these bytes alone when so many others come before them.</summary>
    private static string Inner(byte[] bytes, int before)
    {
        int first = (before * 8 + 5) / 6, end = (before + bytes.Length) * 8 / 6;
        return Convert.ToBase64String([.. new byte[before], .. bytes])[first..end];
    }

    private void AddForm(string what, byte[] bytes)
    {
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (!_forms.TryGetValue(first, out var forms)) _forms[first] = forms = [];
        forms.Add((bytes, what));
        int slot = Slot(first);
        _filter[slot >> 6] |= 1UL << (slot & 63);
        Count++;
    }

    private static int Slot(ulong first) => (int)(unchecked(first * 0x9E3779B97F4A7C15) >> (64 - FilterBits));
}
