using Holdfast.Cryptography;

namespace Holdfast.Vault.Recorder;

/// <summary>Gives out the system's randomness and writes down, one line of hexadecimal digits each, what must stay secret.</summary>
internal sealed class RecordingRandomSource(string path) : RandomSource, IDisposable
{
    private readonly StreamWriter _record = new(path) { AutoFlush = true };

    public override void FillSecret(Span<byte> target)
    {
        System.FillSecret(target);
        _record.WriteLine(Convert.ToHexStringLower(target));
    }

    public override void FillPublic(Span<byte> target) => System.FillPublic(target);

    public void Dispose() => _record.Dispose();
}
