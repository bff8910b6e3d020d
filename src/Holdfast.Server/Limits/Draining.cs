namespace Holdfast.Server.Limits;

/// <summary>Whether the server is ending.</summary>
internal sealed class Draining
{
    private volatile bool _begun;

    /// <summary>Whether it has begun to end: no going back.</summary>
    public bool HasBegun => _begun;

    /// <summary>It begins to.</summary>
    public void Begin() => _begun = true;
}
