namespace Holdfast.Client.Tests.Kills;

/// <summary>Which key has sealed what, of all that has left a vault, as its record says (tests/Holdfast.Killer): each has sealed one ciphertext.</summary>
/// <param name="record">The file, a line for each ciphertext that left: the key, a tab, the ciphertext's hash.</param>
internal sealed class SealedKeys(string record)
{
    private readonly Dictionary<string, string> _sealed = [];
    private long _read;

    /// <summary>How many ciphertexts there are.</summary>
    public int Count => _sealed.Count;

    /// <summary>Takes in what has been written since; fails where a key has sealed two ciphertexts.</summary>
    public void Check()
    {
        using var file = new FileStream(record, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _read;
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line && line.Split('\t') is [var key, { Length: 64 } hash])
        {
            _read += line.Length + 1;
            if (!_sealed.TryAdd(key, hash)) Assert.True(_sealed[key] == hash, $"the key {key} has sealed two ciphertexts");
        }
    }
}
