using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class KeyTrieTests
{
    private readonly SeededRandom _random = new(11);

    [Fact]
    public void TheTrieHoldsWhatAPlainListHolds()
    {
        var (trie, list) = (KeyTrie.ByEncryptionKey, new List<ParentNode>());
        for (int step = 0; step < 3000; step++)
        {
            byte choice = _random.PublicBytes(1)[0];
            if (choice % 3 == 0 && list.Count > 0)
            {
                var gone = list[choice % list.Count];
                list.Remove(gone);
                trie = trie.Without(gone);
            }
            else
            {
                var come = Holder(_random.PublicBytes(1));   // of 256 keys: many come twice
                list.Add(come);
                trie = trie.With(come);
            }
            Assert.Equal(list.Count - Keys(list).Count(), trie.Repeated);
        }
        for (int key = 0; key < 256; key++)
            Assert.Equal(Keys(list).Contains((byte)key), trie.Find(new byte[] { (byte)key }) is not null);
    }

    [Fact]
    public void AnOlderTrieStaysAsItWas()
    {
        var first = Holder([1]);
        var before = KeyTrie.ByEncryptionKey.With(first);
        _ = before.With(Holder([2]));
        _ = before.Without(first);
        Assert.Null(before.Find(new byte[] { 2 }));
        Assert.Same(first, before.Find(new byte[] { 1 }));
    }

    private static ParentNode Holder(byte[] key) => new(key, default, []);

    private static IEnumerable<byte> Keys(List<ParentNode> list) => list.Select(node => node.EncryptionKey.Span[0]).Distinct();
}
