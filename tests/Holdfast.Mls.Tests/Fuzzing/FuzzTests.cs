using Holdfast.Fuzz;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Mls.Tests.Fuzzing;

/// <summary>
/// A short run of what <c>fuzz/Holdfast.Fuzz</c> does for long (ATTACKS B-16, B-17, B-25): no exception but the declared ones,
/// no hang, no more memory than the input's size allows, and one encoding for what is accepted.
/// </summary>
public sealed class FuzzTests
{
    [Fact]
    public void EveryDecoderStandsInputsThatKnowItsStructure()
    {
        using var circle = new Circle(1);
        foreach (var target in Targets.All(circle))
        {
            var outcome = StructureRun.Of(target, seed: 1, executions: LongRun.IsWanted ? 100_000 : 250);
            Assert.True(outcome.Fault is null, outcome.Fault);
        }
    }

    [Fact]
    public void EveryDecoderStandsChangedBytes()
    {
        using var circle = new Circle(2);
        foreach (var target in Targets.All(circle))
        {
            var outcome = CoverageRun.Of(target, seed: 2, executions: 250);   // nothing is instrumented here: only the seeds are changed
            Assert.True(outcome.Fault is null, outcome.Fault);
        }
    }

    [Fact]
    public void EveryDecoderHasASeedThatItAccepts()
    {
        using var circle = new Circle(3);
        foreach (var target in Targets.All(circle))
            Assert.True(target.Seeds.Count > 0 && target.Seeds.Any(seed => Oracle.Feed(target, seed)), target.Name);
    }

    /// <summary>ATTACKS B-16: what ends too early is refused, or is the encoding of something.</summary>
    [Fact]
    public void EveryPrefixOfAValidInputIsRefusedOrCanonical()
    {
        using var circle = new Circle(4);
        foreach (var target in Targets.All(circle))
        {
            foreach (byte[] seed in target.Seeds) Cut(target, seed);
        }
    }

    /// <summary>The same for the official messages: all of them in a long run.</summary>
    [Fact]
    public void EveryPrefixOfAnOfficialMessageIsRefusedOrCanonical()
    {
        var message = new StructTarget<MlsMessage>([]);
        var tree = new TreeTarget([]);
        foreach (var vector in Holdfast.Tests.Vectors.Json("mls/messages.json").EnumerateArray().Take(LongRun.IsWanted ? int.MaxValue : 3))
        {
            foreach (var member in vector.EnumerateObject().Where(static member => IsMessage(member.Name)))
                Cut(message, Convert.FromHexString(member.Value.GetString()!));
            Cut(tree, Convert.FromHexString(vector.GetProperty("ratchet_tree").GetString()!));
        }
    }

    /// <summary>ATTACKS B-25: a few bytes that claim to be many.</summary>
    [Theory]
    [InlineData("bfffffff")]
    [InlineData("bfffffff00000000")]
    [InlineData("00010003000140ff")]
    [InlineData("000100030001bfffffff00")]
    [InlineData("c000000000000000")]
    public void AFewBytesThatClaimToBeManyCostLittle(string hex)
    {
        using var circle = new Circle(5);
        foreach (var target in Targets.All(circle)) Oracle.Feed(target, Convert.FromHexString(hex));
    }

    /// <summary>The oracle sees what it should: or all that passes it would mean nothing.</summary>
    [Fact]
    public void FaultsAreSeen()
    {
        Assert.Throws<Fault>(() => Oracle.Feed(new Faulty(static _ => throw new InvalidOperationException()), [1]));
        Assert.Throws<Fault>(() => Oracle.Feed(new Faulty(static _ => new byte[100_000]), [1]));
        Assert.Throws<Fault>(() => Oracle.Feed(new Faulty(static _ => new byte[] { 2 }), [1]));
        Assert.Throws<Fault>(() => Oracle.Feed(new Faulty(static input => Late(input)), [1]));
        Assert.True(Oracle.Feed(new Faulty(static input => input), [1]));
        Assert.False(Oracle.Feed(new Faulty(static _ => throw new Codec.CodecException("no")), [1]));

        static byte[] Late(byte[] input)
        {
            Thread.Sleep(Oracle.MostMilliseconds + 20);
            return input;
        }
    }

    private static bool IsMessage(string name) =>
        name.Contains("message", StringComparison.Ordinal) || name.StartsWith("mls_", StringComparison.Ordinal);

    private static void Cut(Target target, byte[] valid)
    {
        for (int length = 0; length < valid.Length; length++) Oracle.Feed(target, valid[..length]);
    }

    private sealed class Faulty(Func<byte[], byte[]> read) : Target("faulty", [])
    {
        internal override object? Read(ReadOnlySpan<byte> input) => read(input.ToArray());

        internal override byte[]? Write(object value) => (byte[])value;
    }
}
