using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Scenarios.ForensicDrill;

/// <summary>All that somebody who searches the machine would like to find: words, names, files, passcodes and keys.</summary>
internal sealed class KnownThings
{
    public const string Word = "word", Name = "name", Passcode = "passcode", File = "file", Key = "key", Planted = "planted";

    private const int FileBytes = 300_000, WindowBytes = 64, Windows = 200;

    private readonly HashSet<string> _keys = [];

    /// <summary>What is looked for; the label of each begins with its kind.</summary>
    public Needles Needles { get; } = new();

    /// <summary>How many different keys there are.</summary>
    public int Keys => _keys.Count;

    /// <summary>A text that nobody else has ever written.</summary>
    public string Say(string kind, string beginning)
    {
        string text = $"{beginning} {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        AddText(kind, text);
        return text;
    }

    /// <summary>A text that was chosen elsewhere.</summary>
    public void AddText(string kind, string text) => Needles.Add($"{kind} {text}", text);

    /// <summary>The content of a file that nobody else has: some of it text, the rest as if it were compressed.</summary>
    public byte[] MakeFile()
    {
        byte[] content = RandomNumberGenerator.GetBytes(FileBytes);
        Encoding.UTF8.GetBytes(Say(File, "The file begins with")).CopyTo(content, 0);
        for (int at = 0; at + WindowBytes <= content.Length; at += content.Length / Windows)
            Needles.AddRaw($"{File} at {at}", content[at..(at + WindowBytes)]);
        return content;
    }

    /// <summary>Something that is put where nothing should be, to see that it would be found.</summary>
    public byte[] Plant(string where)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        Needles.Add($"{Planted} {where}", secret);
        return secret;
    }

    /// <summary>Every key of a profile as it is now, read from a copy of its vault's folder: what it is, and hexadecimal digits.</summary>
    public static async Task<IReadOnlyList<string>> KeysOfAsync(Resident resident, string copy)
    {
        CopyWhole(resident.VaultFolder, copy);
        string program = Path.Combine(Installation.Root, "artifacts", "bin", "Holdfast.Vault.Recorder", Configuration, "holdfast-vault-recorder");
        var ended = await Command.RunAsync(program, ["keys", copy], [resident.Passcode]);
        return ended.Exit == 0 ? ended.Lines : throw new ScenarioException($"The keys of {resident.Account} cannot be read: {ended.Errors}");
    }

    /// <summary>Takes a line of these. Of a message's record a part as it is will do; keys are looked for however they are written.</summary>
    public void LearnKey(string line)
    {
        string[] parts = line.Split('\t');
        if (!_keys.Add(parts[1])) return;
        byte[] secret = Convert.FromHexString(parts[1]);
        if (parts[0] == "a message's record") Needles.AddRaw($"{Key} {parts[0]}", secret);
        else Needles.Add($"{Key} {parts[0]}", secret);
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Name;

    /// <summary>Of a store that is in use a copy is whole only where nothing was written meanwhile.</summary>
    private static void CopyWhole(string folder, string copy)
    {
        const int Tries = 20;
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            string before = State(folder);
            Directory.CreateDirectory(copy);
            foreach (string file in Directory.EnumerateFiles(folder))
            {
                using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var to = System.IO.File.Create(Path.Combine(copy, Path.GetFileName(file)));
                from.CopyTo(to);
            }
            if (State(folder) == before) return;
        }
        throw new ScenarioException($"{folder} is never at rest.");
    }

    private static string State(string folder) => string.Join(';', new DirectoryInfo(folder).EnumerateFiles().OrderBy(static file => file.Name)
        .Select(static file => string.Create(CultureInfo.InvariantCulture, $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}")));
}
