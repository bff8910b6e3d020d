using System.Runtime.CompilerServices;
using System.Text.Json;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>A secret is not printed, not left behind and not used after its end.</summary>
public sealed class SecretTests
{
    private static readonly byte[] Content = [.. Enumerable.Range(1, 32).Select(i => (byte)(i * 7))];
    private static readonly JsonSerializerOptions WithFields = new() { IncludeFields = true };

    [Fact]
    public void ItsTextIsItsLengthOnly()
    {
        using var secret = Secret.CopyOf(Content);
        Assert.Equal("Secret(32 bytes)", secret.ToString());
        Assert.Equal("Secret(32 bytes)", $"{secret}");
    }

    [Fact]
    public void ItsJsonIsItsLengthOnly()
    {
        using var secret = Secret.CopyOf(Content);
        Assert.Equal("""{"Length":32}""", JsonSerializer.Serialize(secret));
        Assert.Equal("""{"Length":32}""", JsonSerializer.Serialize<object>(secret, WithFields));
    }

    [Fact]
    public void NoPrivateKeyIsPrinted()
    {
        using var signature = new Ed25519().Import(Content);
        using var kem = new DhKemX25519().Import(Content);
        using var context = CipherSuite.Mandatory.Hpke.SetupReceiver(kem, kem.PublicKey.Span, [])!;
        foreach (object holder in new object[] { signature, kem, context })
        {
            foreach (string text in new[] { holder.ToString()!, JsonSerializer.Serialize(holder, holder.GetType(), WithFields) })
            {
                Assert.DoesNotContain(Convert.ToHexString(Content.AsSpan(0, 4)), text, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(Convert.ToBase64String(Content)[..8], text, StringComparison.Ordinal);
                Assert.DoesNotContain(string.Join(',', Content.Take(4)), text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void DisposingWipesIt()
    {
        var secret = Secret.CopyOf(Content);
        var view = secret.Reveal();
        Assert.Equal(Content, view.ToArray());
        secret.Dispose();
        Assert.Equal(new byte[Content.Length], view.ToArray());
    }

    [Fact]
    public void ForgettingItWipesIt()
    {
        var left = BytesOfAForgottenSecret();
        Collect();
        Assert.True(IsZero(left));
    }

    /// <summary>The owner is gone while its bytes are still read, as in <c>Sign(Key().Reveal())</c>.</summary>
    [Fact]
    public void WhatIsBorrowedStaysWhileItIsRead()
    {
        var borrowed = BorrowedFromAForgottenSecret();
        Collect();
        Assert.Equal(Content, borrowed.ToArray());
    }

    [Fact]
    public void AfterItsEndItThrows()
    {
        var secret = Secret.CopyOf(Content);
        secret.Dispose();
        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => secret.Reveal().Length);
        Assert.Throws<ObjectDisposedException>(() => secret.Fill().Length);
        Assert.Throws<ObjectDisposedException>(() => secret.EqualsFixedTime(Content));
        Assert.Equal("Secret(32 bytes)", secret.ToString());
    }

    [Fact]
    public void AfterTheirEndKeysThrow()
    {
        var signature = new Ed25519().Import(Content);
        var kem = new DhKemX25519().Import(Content);
        signature.Dispose();
        kem.Dispose();
        Assert.Throws<ObjectDisposedException>(() => signature.Sign([1]));
        Assert.Throws<ObjectDisposedException>(() => signature.RevealPrivateKey().Length);
        Assert.Throws<ObjectDisposedException>(() => kem.RevealPrivateKey().Length);
        Assert.Throws<ObjectDisposedException>(() => kem.Decapsulate(signature.PublicKey.Span));
    }

    [Fact]
    public void ItIsACopy()
    {
        byte[] original = [.. Content];
        using var secret = Secret.CopyOf(original);
        original.AsSpan().Clear();
        Assert.Equal(Content, secret.Reveal().ToArray());
    }

    [Fact]
    public void ItEqualsItsBytesAndNothingElse()
    {
        using var secret = Secret.CopyOf(Content);
        Assert.True(secret.EqualsFixedTime(Content));
        Assert.False(secret.EqualsFixedTime(Content.AsSpan(1)));
        for (int i = 0; i < Content.Length; i++)
        {
            byte[] other = [.. Content];
            other[i] ^= 0x80;
            Assert.False(secret.EqualsFixedTime(other));
        }
    }

    [Fact]
    public void ARandomOneAsksForSecretBytes()
    {
        using var secret = Secret.Random(Content.Length, new FixedRandom(Content));
        Assert.Equal(Content, secret.Reveal().ToArray());
        Assert.Equal(Content.Length, secret.Length);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    /// <summary>Followed beyond its end: what a finalizer still holds is still there.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference BytesOfAForgottenSecret()
    {
        var left = new WeakReference(Bytes(Secret.CopyOf(Content)), trackResurrection: true);
        Assert.False(IsZero(left));
        return left;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsZero(WeakReference bytes) => !Assert.IsType<byte[]>(bytes.Target).AsSpan().ContainsAnyExcept((byte)0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ReadOnlySpan<byte> BorrowedFromAForgottenSecret() => Secret.CopyOf(Content).Reveal();

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_bytes")]
    private static extern ref byte[] Bytes(Secret secret);
}
