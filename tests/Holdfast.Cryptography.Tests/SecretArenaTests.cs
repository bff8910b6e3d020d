using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Xunit;

namespace Holdfast.Cryptography.Tests;

public sealed unsafe class SecretArenaTests
{
    private const int ArenaBytes = 4096;

    private static readonly byte* _pages = (byte*)NativeMemory.AllocZeroed(ArenaBytes);

    public SecretArenaTests() => SecretArena.Use((nint)_pages, ArenaBytes);   // an empty one for each test, and before its first secret

    [Fact]
    public void OnlySecretsOfLongLifeLieInTheArena()
    {
        using var before = Secret.CopyOf("short-lived"u8);
        Assert.False(IsInArena(before));
        using (SecretArena.LongLived())
        {
            using var within = Secret.CopyOf("long-lived"u8);
            Assert.True(IsInArena(within));
            Assert.Equal("long-lived"u8.ToArray(), within.Reveal().ToArray());
            Assert.Equal("Secret(10 bytes)", within.ToString());
        }
        using var after = Secret.CopyOf("short-lived"u8);
        Assert.False(IsInArena(after));
    }

    [Fact]
    public void ADisposedSecretIsWipedAndItsPlaceTakenAgain()
    {
        using var scope = SecretArena.LongLived();
        var first = Secret.CopyOf(Enumerable.Repeat((byte)0x5a, 100).ToArray());
        var bytes = first.Reveal();
        first.Dispose();
        first.Dispose();
        Assert.False(bytes.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => first.Reveal().Length);
        for (int i = 0; i < 10 * ArenaBytes / 64; i++)
        {
            using var next = new Secret(100);
            Assert.True(IsInArena(next));
        }
    }

    [Fact]
    public void WhereItIsFullSecretsLieWhereOthersDo()
    {
        using var scope = SecretArena.LongLived();
        var secrets = Enumerable.Range(0, (ArenaBytes / 64) + 5).Select(static i => Secret.CopyOf([(byte)i])).ToList();
        Assert.False(IsInArena(secrets[^1]));
        Assert.All(secrets.Index(), static one => Assert.Equal((byte)one.Index, one.Item.Reveal()[0]));   // no two in one place
        using var tooLong = new Secret(ArenaBytes + 1);
        Assert.False(IsInArena(tooLong));
        secrets.ForEach(static secret => secret.Dispose());
        using var again = new Secret(64);
        Assert.True(IsInArena(again));
    }

    private static bool IsInArena(Secret secret)
    {
        var address = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(secret.Reveal()));
        return address >= _pages && address < _pages + ArenaBytes;
    }
}
