using CsCheck;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class SecretTreeTests
{
    private static readonly byte[] Epoch = [0, 0, 0, 0, 0, 0, 0, 7];
    private static readonly CipherSuite Suite = CipherSuite.Mandatory;
    private static readonly RatchetLimits Limits = new(MaxForward: 10, MaxKept: 4);

    [Fact]
    public void SendingGivesOneGenerationAfterAnother()
    {
        var tree = NewTree();
        for (uint expected = 0; expected < 5; expected++)
        {
            Assert.Equal(expected, Taken(ref tree, 1, RatchetType.Application, null).Generation);
            Assert.Equal(expected, Taken(ref tree, 1, RatchetType.Handshake, null).Generation);
        }
    }

    [Fact]
    public void AUsedGenerationIsRefusedAndTheRatchetGoesOn()
    {
        var tree = NewTree();
        for (uint generation = 0; generation < 3; generation++) Taken(ref tree, 2, RatchetType.Application, generation);
        for (uint generation = 0; generation < 3; generation++) AssertRefused(tree, 2, generation, MlsError.GenerationUsed);
        Assert.Equal(3u, Taken(ref tree, 2, RatchetType.Application, 3).Generation);
    }

    [Fact]
    public void LateMessagesFindTheirKeyOnce()
    {
        var inOrder = NewTree();
        string[] keys = [.. Enumerable.Range(0, 4).Select(_ => Taken(ref inOrder, 0, RatchetType.Application, null).Key)];
        var tree = NewTree();
        foreach (uint generation in (uint[])[3, 1, 0, 2])
        {
            Assert.Equal(keys[generation], Taken(ref tree, 0, RatchetType.Application, generation).Key);
            AssertRefused(tree, 0, generation, MlsError.GenerationUsed);
        }
    }

    [Fact]
    public void AGenerationBeyondTheLimitIsRefusedAndTheLimitItselfIsNot()
    {
        var tree = NewTree();
        AssertRefused(tree, 0, 11, MlsError.GenerationTooFar);
        AssertRefused(tree, 0, uint.MaxValue, MlsError.GenerationTooFar);
        Assert.Equal(10u, Taken(ref tree, 0, RatchetType.Application, 10).Generation);
        AssertRefused(tree, 0, 22, MlsError.GenerationTooFar);
        Assert.Equal(21u, Taken(ref tree, 0, RatchetType.Application, 21).Generation);
    }

    [Fact]
    public void OfTheSkippedKeysTheNewestAreKept()
    {
        var tree = NewTree();
        Taken(ref tree, 0, RatchetType.Application, 6);
        AssertRefused(tree, 0, 1, MlsError.GenerationUsed);
        Taken(ref tree, 0, RatchetType.Application, 2);
        Taken(ref tree, 0, RatchetType.Application, 9);   // skips 7 and 8: of 3, 4, 5 the oldest goes
        AssertRefused(tree, 0, 3, MlsError.GenerationUsed);
        foreach (uint generation in (uint[])[4, 5, 7, 8]) Taken(ref tree, 0, RatchetType.Application, generation);
    }

    [Fact]
    public void TheLastGenerationIsNeverPassed()
    {
        byte[] secret = new byte[Suite.Hkdf.HashSize];
        using var records = new StateRecords();
        foreach (byte type in (byte[])[0, 1])
            records.Put([(byte)RecordType.Ratchet, .. Epoch, 0, 0, 0, 0, type], [255, 255, 255, 254, .. secret]);
        var tree = Restore(records, 1);
        Assert.Equal(uint.MaxValue - 1, Taken(ref tree, 0, RatchetType.Application, null).Generation);
        Assert.Equal(
            MlsError.GenerationTooFar,
            Assert.Throws<MlsException>(() => tree.Next(new LeafIndex(0), RatchetType.Application, Room())).Error);
        AssertRefused(tree, 0, uint.MaxValue, MlsError.GenerationTooFar);
    }

    [Theory, InlineData(1u, 1u), InlineData(5u, 8u), InlineData(8u, 8u), InlineData(8u, uint.MaxValue)]
    public void ALeafOutsideTheTreeIsRefused(uint leafCount, uint leaf)
    {
        using var tree = SecretTree.Create(Suite, new Secret(32), leafCount, Limits);
        var refused = Assert.Throws<MlsException>(() => tree.Take(new LeafIndex(leaf), RatchetType.Application, 0, Room()));
        Assert.Equal(MlsError.UnknownSender, refused.Error);
    }

    [Fact]
    public void AStepThatIsNotAdoptedChangesNothing()
    {
        var tree = NewTree();
        Taken(ref tree, 3, RatchetType.Application, 2);
        byte[] before = Save(tree);
        tree.Take(new LeafIndex(3), RatchetType.Application, 1, Room()).Dispose();
        tree.Take(new LeafIndex(3), RatchetType.Application, 7, Room()).Dispose();
        tree.Take(new LeafIndex(6), RatchetType.Handshake, 0, Room()).Dispose();
        Assert.Equal(before, Save(tree));
        Taken(ref tree, 3, RatchetType.Application, 1);
    }

    [Fact]
    public void WhatIsConsumedIsWipedWithTheOldTreeAndTheRestLivesOn()
    {
        var old = NewTree();
        using var step = old.Take(new LeafIndex(0), RatchetType.Application, 0, Room());
        var next = step.Adopt();
        var shared = old.Share();
        old.Dispose();
        old.Dispose();
        Assert.Throws<ObjectDisposedException>(() => old.Next(new LeafIndex(0), RatchetType.Application, Room()));
        Assert.Equal(0u, Taken(ref shared, 0, RatchetType.Application, 0).Generation);
        shared.Dispose();
        for (uint leaf = 1; leaf < 8; leaf++) Taken(ref next, leaf, RatchetType.Handshake, 0);
        Assert.Equal(1u, Taken(ref next, 0, RatchetType.Application, null).Generation);
    }

    [Theory, InlineData(0u), InlineData(3u), InlineData(5u)]
    public void AUsedKeyIsWipedWithItsStep(uint generation)
    {
        var old = NewTree();
        Taken(ref old, 0, RatchetType.Application, 3);   // skips 0 to 2
        if (generation == 3) old = NewTree();
        byte[] room = Room();
        var step = old.Take(new LeafIndex(0), RatchetType.Application, generation, room);
        using var next = step.Adopt();
        old.Dispose();
        Assert.True(step.RevealKey().ContainsAnyExcept((byte)0) && step.RevealNonce().ContainsAnyExcept((byte)0));
        Assert.Equal((Suite.Aead.KeySize, Suite.Aead.NonceSize), (step.RevealKey().Length, step.RevealNonce().Length));
        step.Dispose();
        step.Dispose();
        Assert.All(room, value => Assert.Equal(0, value));
    }

    [Fact]
    public void ASkippedKeyIsWipedWhenNoTreeHoldsItAnyMore()
    {
        var key = new MessageKey(0, Secret.Random(28, RandomSource.System), 16);
        var before = SkippedKeys.Empty().With([key], limit: 1);
        var after = before.Without(key);
        Assert.Equal(16, key.RevealKey().Length);
        before.Release();
        Assert.Throws<ObjectDisposedException>(() => key.RevealKey().Length);
        after.Release();
    }

    [Fact]
    public void TheEncryptionSecretIsWipedOnceItIsConsumed()
    {
        var encryptionSecret = Secret.Random(32, RandomSource.System);
        var tree = SecretTree.Create(Suite, encryptionSecret, 8, Limits);
        Taken(ref tree, 5, RatchetType.Application, 0);
        Assert.Throws<ObjectDisposedException>(() => encryptionSecret.Reveal().Length);
    }

    [Fact]
    public void ASavedTreeHoldsNoKeyThatWasUsed()
    {
        var tree = NewTree();
        string[] used = [.. ((uint[])[0, 4, 2]).Select(generation => Taken(ref tree, 4, RatchetType.Application, generation).Key)];
        string saved = Convert.ToHexString(Save(tree));
        Assert.All(used, key => Assert.DoesNotContain(key, saved, StringComparison.Ordinal));
    }

    [Fact]
    public void ALargeTreeCostsOnlyWhatIsUsedOfIt()
    {
        var tree = SecretTree.Create(Suite, new Secret(32), 1u << 31, Limits);
        Taken(ref tree, (1u << 31) - 1, RatchetType.Application, 0);
        Assert.InRange(Save(tree).Length, 1, 31 * 50 + 200);
    }

    [Fact]
    public void NoKeyIsEverGivenTwiceWhateverTheOrderAndHoweverOftenSaved()
    {
        var take = Gen.Select(Gen.UInt[0, 7], Gen.Bool, Gen.UInt[0, 12], Gen.Bool);
        take.List[1, 60].Sample(wanted =>
        {
            var tree = NewTree();
            var given = new HashSet<(uint, RatchetType, uint)>();
            var keys = new HashSet<string>();
            foreach (var (leaf, isHandshake, generation, restores) in wanted)
            {
                var type = isHandshake ? RatchetType.Handshake : RatchetType.Application;
                if (restores) tree = Restore(Save(tree));
                try
                {
                    var (took, key) = Taken(ref tree, leaf, type, generation);
                    Assert.Equal(generation, took);
                    Assert.True(given.Add((leaf, type, generation)), "a generation was given twice");
                    Assert.True(keys.Add(key), "a key was given twice");
                }
                catch (MlsException refused) when (refused.Error == MlsError.GenerationUsed)
                {
                    Assert.True(given.Contains((leaf, type, generation)) || given.Any(
                        other => (other.Item1, other.Item2) == (leaf, type) && other.Item3 > generation + Limits.MaxKept));
                }
                catch (MlsException refused) when (refused.Error == MlsError.GenerationTooFar)
                {
                    Assert.True(generation > Limits.MaxForward);
                }
            }
        });
    }

    [Fact]
    public void DamagedSavedTreesAreRefusedOrHoldOtherKeys()
    {
        var tree = NewTree();
        Taken(ref tree, 4, RatchetType.Application, 3);
        using var saved = StateRecords.Deserialize(Save(tree));
        Restore(saved, 8).Dispose();
        foreach (int leaves in (int[])[1, 2, 4, 16, 1 << 16]) Assert.Throws<CodecException>(() => Restore(saved, leaves));
        for (int i = 0; i < saved.Count; i++)
        {
            int damaged = i;
            bool isSkipped = saved[damaged].Key[0] == (byte)RecordType.SkippedKey;   // only the digest misses one of those
            if (!isSkipped) Assert.Throws<CodecException>(() => Restore(Without(saved, damaged, []), 8));
            Assert.Throws<CodecException>(() => Restore(Without(saved, damaged, saved[damaged].Value[1..]), 8));
            Assert.Throws<CodecException>(() => Restore(Without(saved, damaged, [.. saved[damaged].Value, 0]), 8));
        }
    }

    private static byte[] Room() => new byte[RatchetStep.Room];

    private static SecretTree NewTree() => SecretTree.Create(Suite, new Secret(32), 8, Limits);

    private static (uint Generation, string Key) Taken(ref SecretTree tree, uint leaf, RatchetType type, uint? generation)
    {
        Span<byte> room = stackalloc byte[RatchetStep.Room];
        using var step = generation is { } wanted
            ? tree.Take(new LeafIndex(leaf), type, wanted, room)
            : tree.Next(new LeafIndex(leaf), type, room);
        tree.Dispose();
        tree = step.Adopt();
        return (step.Generation, Convert.ToHexString(step.RevealKey()));
    }

    private static void AssertRefused(SecretTree tree, uint leaf, uint generation, MlsError error)
    {
        byte[] before = Save(tree);
        Assert.Equal(
            error, Assert.Throws<MlsException>(() => tree.Take(new LeafIndex(leaf), RatchetType.Application, generation, Room())).Error);
        Assert.Equal(before, Save(tree));
    }

    private static byte[] Save(SecretTree tree)
    {
        var changes = new RecordChanges(new StateDigest());
        using var records = changes.Records;
        SecretTree.Compare(null, tree, 7, changes);
        using var saved = records.Serialize();
        return saved.Reveal().ToArray();
    }

    private static SecretTree Restore(ReadOnlySpan<byte> saved)
    {
        using var records = StateRecords.Deserialize(saved);
        return Restore(records, 8);
    }

    private static SecretTree Restore(StateRecords records, int leaves)
    {
        using var rooted = Without(records, -1, default);
        rooted.Put([(byte)RecordType.Root], RecordStore.RootOf(records));
        var reading = new StateReading(rooted);
        var tree = SecretTree.Restore(reading, Suite, 7, leaves, Limits);
        reading.ExpectEnd();
        return tree;
    }

    /// <summary>The same records, one with another value, or where that is empty without it.</summary>
    private static StateRecords Without(StateRecords records, int index, ReadOnlySpan<byte> value)
    {
        var others = new StateRecords();
        for (int i = 0; i < records.Count; i++)
        {
            if (i != index) others.Put(records[i].Key, records[i].Value);
            else if (!value.IsEmpty) others.Put(records[i].Key, value);
        }
        return others;
    }
}
