using Holdfast.Cryptography;

namespace Holdfast.Mls.Interop;

/// <summary>The pre-shared keys that the runner has given to one of its members (RFC 9420 §8.4).</summary>
internal sealed class ExternalPsks : IDisposable
{
    private readonly Dictionary<string, Secret> _keys = [];

    internal void Store(ReadOnlySpan<byte> id, ReadOnlySpan<byte> key)
    {
        if (_keys.Remove(Convert.ToHexString(id), out var before)) before.Dispose();
        _keys.Add(Convert.ToHexString(id), Secret.CopyOf(key));
    }

    internal Secret? Find(PreSharedKeyId id) =>
        id is ExternalPskId external ? _keys.GetValueOrDefault(Convert.ToHexString(external.Id.Span)) : null;

    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }
}
