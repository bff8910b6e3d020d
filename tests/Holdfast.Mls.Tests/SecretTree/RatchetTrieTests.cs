using CsCheck;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// RFC 9420 §9: of a million leaves, those that have spoken: their keys, what older trees keep, and what a step changes in store.
/// </summary>
public sealed class RatchetTrieTests
{
    private const uint Leaves = 1 << 20;

    private static readonly CipherSuite Suite = CipherSuite.Mandatory;

    /// <summary>Near one another, and as far apart as they can be: what shares the way down for one level, for many, for none.</summary>
    private static readonly Gen<uint> Leaf = Gen.OneOf(
        Gen.UInt[0, 40], Gen.UInt[0, Leaves - 1], Gen.UInt[0, 15].Select(nibble => nibble << 16));

    [Fact]
    public void EverySendersKeysAreTheirOwnWhoeverSpokeBefore() => Leaf.List[1, 60].Sample(senders =>
    {
        var tree = NewTree();
        var spoken = new Dictionary<uint, uint>();
        foreach (uint sender in senders)
        {
            uint generation = spoken.GetValueOrDefault(sender);
            var (took, key) = Next(ref tree, sender);
            spoken[sender] = generation + 1;
            Assert.Equal(generation, took);
            Assert.Equal(KeyOf(sender, generation), key);
        }
        tree.Dispose();
    });

    [Fact]
    public void AnOlderTreeIsWholeWhateverBecameOfTheNewer() => Gen.Select(Leaf.List[1, 30], Leaf.List[1, 30]).Sample((before, after) =>
    {
        var tree = NewTree();
        foreach (uint sender in before) Next(ref tree, sender);
        var newer = tree.Share();
        foreach (uint sender in after) Next(ref newer, sender);
        newer.Dispose();
        foreach (uint sender in after.Distinct())
            Assert.Equal(KeyOf(sender, (uint)before.Count(spoke => spoke == sender)), Next(ref tree, sender).Key);
        tree.Dispose();
    });

    [Fact]
    public void WhatChangedIsStoredAndTheRestIsNot() => Gen.Select(Leaf.List[1, 30], Leaf.List[1, 10]).Sample((before, after) =>
    {
        var tree = NewTree();
        foreach (uint sender in before) Next(ref tree, sender);
        var stored = Stored(null, tree);
        var newer = tree.Share();
        foreach (uint sender in after) Next(ref newer, sender);
        var changes = Stored(tree, newer);
        foreach (var (key, value) in changes)
        {
            if (value is null) Assert.True(stored.Remove(key));
            else stored[key] = value;
        }
        Assert.Equal(
            Stored(null, newer).OrderBy(record => record.Key, StringComparer.Ordinal),
            stored.OrderBy(record => record.Key, StringComparer.Ordinal));
        int spoke = after.Distinct().Count(), first = after.Except(before).Count();
        // of one who spoke before one ratchet; of others both, and the way down
        Assert.InRange(changes.Count, spoke, spoke + (first * 42));
        newer.Dispose();
        tree.Dispose();
    });

    private static SecretTree NewTree() => SecretTree.Create(Suite, new Secret(32), Leaves, new RatchetLimits());

    private static string KeyOf(uint leaf, uint generation)
    {
        using var tree = NewTree();
        using var step = tree.Take(new LeafIndex(leaf), RatchetType.Application, generation, stackalloc byte[RatchetStep.Room]);
        return Convert.ToHexString(step.RevealKey());
    }

    private static (uint Generation, string Key) Next(ref SecretTree tree, uint leaf)
    {
        using var step = tree.Next(new LeafIndex(leaf), RatchetType.Application, stackalloc byte[RatchetStep.Room]);
        tree.Dispose();
        tree = step.Adopt();
        return (step.Generation, Convert.ToHexString(step.RevealKey()));
    }

    private static Dictionary<string, string?> Stored(SecretTree? older, SecretTree newer)
    {
        var changes = new RecordChanges(new StateDigest());
        using var records = changes.Records;
        SecretTree.Compare(older, newer, 1, changes);
        var stored = new Dictionary<string, string?>();
        foreach (var record in records)
            stored.Add(Convert.ToHexString(record.Key), record.IsDelete ? null : Convert.ToHexString(record.Value));
        return stored;
    }
}
