using CsCheck;
using Xunit;

namespace Holdfast.Codec.Tests;

/// <summary>A short input cannot make the reader allocate much, whatever it claims.</summary>
public sealed class AllocationTests
{
    private const long Limit = 64 * 1024;

    [Theory]
    [InlineData("bfffffff000000000000")]   // 2^30 - 1 bytes of elements
    [InlineData("bfffffff010001000100")]
    [InlineData("8fffffffffffffffffff")]
    [InlineData("0900bfffffff00000000")]   // a true vector whose first element claims them
    [InlineData("0900bfffffff01020304")]
    public void TenBytesThatClaimAThousandMillionCostLittle(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Equal(10, bytes.Length);
        AssertCheap(bytes, bytes => new TlsReader(bytes).ReadVector<Pair>());
        AssertCheap(bytes, bytes => new TlsReader(bytes).ReadVector(static (ref TlsReader reader) => reader.ReadVector<Pair>()));
        AssertCheap(bytes, bytes => new TlsReader(bytes).ReadText(int.MaxValue));
        AssertCheap(bytes, bytes => new TlsReader(bytes).ReadOpaque().ToArray());
        AssertCheap(bytes, bytes => Tls.Decode<Specimen>(bytes));
    }

    [Fact]
    public void TheMeasureSeesAnAllocation()
    {
        byte[] kept = [];
        Assert.True(Cost([], _ => kept = new byte[2 * Limit]) > Limit);
        Assert.NotEmpty(kept);
    }

    [Fact]
    public void NoShortInputCostsMuch() => Gen.Byte.Array[0, 200].Sample(
        bytes => Cost(bytes, bytes => new TlsReader(bytes).ReadVector<Pair>()) < Limit);

    private static void AssertCheap(byte[] bytes, Action<byte[]> read)
    {
        Cost(bytes, read);   // the first time, the code itself is made
        Assert.InRange(Cost(bytes, read), 0, Limit);
    }

    /// <summary>How many bytes reading allocates, refused or not.</summary>
    private static long Cost(byte[] bytes, Action<byte[]> read)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try { read(bytes); }
        catch (CodecException refused) { Assert.NotEmpty(refused.Message); }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
