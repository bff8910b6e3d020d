namespace Holdfast.Mls.Interop;

/// <summary>
/// All that the runner refers to by number. The interface mixes states and transactions in one field, so one count numbers all.
/// </summary>
internal sealed class ClientStates : IDisposable
{
    private readonly Dictionary<uint, IDisposable> _entries = [];
    private uint _last;

    internal uint Keep(IDisposable entry)
    {
        _entries.Add(++_last, entry);
        return _last;
    }

    internal MemberState Member(uint id) => Find<MemberState>(id);

    internal T Find<T>(uint id) where T : class, IDisposable =>
        Any(id) as T ?? throw new KeyNotFoundException($"number {id} is not of a {typeof(T).Name}");

    /// <summary>What has that number, whatever it is.</summary>
    internal IDisposable Any(uint id) =>
        _entries.GetValueOrDefault(id) ?? throw new KeyNotFoundException($"nothing has the number {id}");

    /// <summary>Forgets the number and wipes what it stood for.</summary>
    internal void Free(uint id)
    {
        Any(id).Dispose();
        _entries.Remove(id);
    }

    public void Dispose()
    {
        foreach (var entry in _entries.Values) entry.Dispose();
    }
}
