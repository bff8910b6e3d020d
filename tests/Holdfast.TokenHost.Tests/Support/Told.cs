using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>A host that answers what the test tells it to.</summary>
internal sealed class Told(Func<byte[], byte[]?> answer) : ITokenChannel
{
    public byte[]? Exchange(ReadOnlySpan<byte> frame) => answer(frame.ToArray());
}
