namespace Holdfast.Tests.Tokens;

/// <summary>A folder of its own that goes with the test. Its path is short: a Unix socket's has at most 107 bytes.</summary>
internal sealed class TempFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("hf-tok-").FullName;

    internal string this[string name] => System.IO.Path.Combine(Path, name);

    internal string Sub(string name) => Directory.CreateDirectory(this[name]).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
