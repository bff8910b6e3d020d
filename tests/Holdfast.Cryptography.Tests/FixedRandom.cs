namespace Holdfast.Cryptography.Tests;

/// <summary>Gives out the given secret bytes, once and whole, and no public ones.</summary>
internal sealed class FixedRandom(byte[] secret) : RandomSource
{
    private byte[]? _secret = secret;

    public override void FillSecret(Span<byte> target)
    {
        if (_secret is null || _secret.Length != target.Length) throw new InvalidOperationException("not the secret that was asked for");
        _secret.CopyTo(target);
        _secret = null;
    }

    public override void FillPublic(Span<byte> target) => throw new InvalidOperationException("public bytes were asked for");
}
