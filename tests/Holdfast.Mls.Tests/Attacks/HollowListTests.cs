using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// Lists of nothings: the element is as short as the encoding allows and the list as long as its limit, so that it costs the reader as
/// much memory as a byte can buy. What no honest sender writes is refused early; what one could write costs what its bytes justify.
/// </summary>
public sealed class HollowListTests
{
    private const int Free = 64 * 1024, PerByte = 8;

    private static readonly LeafNode Leaf = TreeGroup.NewMember().Bundle.KeyPackage.LeafNode;

    private static readonly Extension[] Hollow = [.. Enumerable.Range(0, MlsLimits.MaxExtensions).Select(type => new Extension((ushort)(1000 + type), default))];

    private static readonly KeyPackage HollowPackage = TreeGroup.NewMember().Bundle.KeyPackage with
    {
        LeafNode = Leaf with { Extensions = Hollow },
        Extensions = Hollow,
    };

    private sealed record Shape(string Name, Func<int, byte[]> Encode, Action<byte[]> Decode, int PerByte = HollowListTests.PerByte);

    private static readonly Shape[] Shapes =
    [
        Of<UpdatePathNode>("path secrets", n => new UpdatePathNode(default, [.. Enumerable.Repeat(new HpkeCiphertext(default, default), n)])),
        Of<UpdatePath>("path secrets on every level", n => new UpdatePath(
            Leaf,
            [.. Enumerable.Repeat(new UpdatePathNode(default, [.. Enumerable.Repeat(new HpkeCiphertext(default, default), n)]), MlsLimits.MaxPathLength)])),
        Of<UpdatePathNode>("path secrets of a byte each", n => new UpdatePathNode(default, [.. Enumerable.Repeat(new HpkeCiphertext(new byte[1], new byte[1]), n)])),
        Of<Welcome>("secrets of a welcome", n => new Welcome(
            1, [.. Enumerable.Repeat(new EncryptedGroupSecrets(default, new HpkeCiphertext(default, default)), n)], default)),
        Of<Commit>("references", n => new Commit([.. Enumerable.Repeat(new ProposalReference(default), n)], null)),
        Of<Commit>("references of a byte each", n => new Commit([.. Enumerable.Repeat(new ProposalReference(new byte[1]), n)], null)),
        Of<Commit>("removals", n => new Commit([.. Enumerable.Repeat(new ProposalByValue(new RemoveProposal(default)), n)], null)),
        Of<Commit>("updates of data", n => new Commit([.. Enumerable.Repeat(new ProposalByValue(AppDataUpdateProposal.OfUpdate(0, default)), n)], null)) with
        {
            PerByte = 12,   // an honest one may be as short
        },
        Of<Commit>("replaced extensions", n => new Commit([.. Enumerable.Repeat(new ProposalByValue(new GroupContextExtensionsProposal([])), n)], null)),
        Of<Commit>("key packages with hollow extensions", n => new Commit([.. Enumerable.Repeat(new ProposalByValue(new AddProposal(HollowPackage)), n / 10)], null)) with
        {
            PerByte = 12,   // an extension may well be empty, as last_resort is, and is an object
        },
        Of<ParentNode>("unmerged leaves", n => new ParentNode(default, default, [.. Enumerable.Range(0, n).Select(i => new LeafIndex((uint)i))])),
        Of<Capabilities>("capabilities", n => new Capabilities([], [], [.. Enumerable.Range(0, Math.Min(n, MlsLimits.MaxCapabilities)).Select(i => (ushort)i)], [], [])),
        new("blank nodes", n => Tree(n, null), ReadTree),
        new("hollow parents", n => Tree(n, new ParentNode(default, default, [])), ReadTree),
    ];

    public static TheoryData<string> Names => [.. Shapes.Select(shape => shape.Name)];

    [Theory, MemberData(nameof(Names))]
    public void AListOfNothingsCostsWhatItsBytesJustify(string name)
    {
        var shape = Shapes.Single(shape => shape.Name == name);
        Cost(shape.Encode(10), shape.Decode);   // the first time, the code itself is made
        foreach (int count in (int[])[10, 100, 1_000, 10_000, MlsLimits.MaxLeaves])
        {
            byte[] encoded = shape.Encode(count);
            Cost(encoded, shape.Decode);
            long cost = Cost(encoded, shape.Decode);
            Assert.True(cost <= Free + (shape.PerByte * encoded.Length), $"{count}: {cost} bytes for {encoded.Length}");
        }
    }

    private static long Cost(byte[] encoded, Action<byte[]> decode)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try { decode(encoded); }
        catch (Exception refused) when (refused is CodecException or MlsException) { }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static Shape Of<T>(string name, Func<int, T> make) where T : ITlsStruct<T> =>
        new(name, n => Tls.Encode(make(n)), bytes => Tls.Decode<T>(bytes));

    private static void ReadTree(byte[] bytes) => RatchetTree.Decode(TreeGroup.Suite, bytes).TreeHash.ToArray();

    /// <summary>So many leaves, the last of which holds somebody, and all parents the same.</summary>
    private static byte[] Tree(int leaves, ParentNode? parent)
    {
        using var writer = new TlsWriter();
        writer.WriteVector(Enumerable.Range(0, (2 * leaves) - 1), (output, node) =>
        {
            LeafNode? leaf = node == 2 * (leaves - 1) ? Leaf : null;
            bool isThere = leaf is not null || (node % 2 == 1 && parent is not null);
            output.WritePresence(isThere);
            if (!isThere) return;
            output.WriteUInt8(leaf is null ? (byte)2 : (byte)1);
            if (leaf is null) output.Write(parent!);
            else output.Write(leaf);
        });
        return writer.ToArray();
    }
}
