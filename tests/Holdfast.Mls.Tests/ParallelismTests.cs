using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class ParallelismTests
{
    [Theory, InlineData(0), InlineData(1), InlineData(7), InlineData(1000)]
    public void EveryNumberIsWorkedOnOnce(int count)
    {
        int[] times = new int[count];
        Parallelism.AllCores.For(count, 3, i => Interlocked.Increment(ref times[i]));
        Assert.All(times, time => Assert.Equal(1, time));
    }

    [Fact]
    public void TheFirstErrorIsTheOneThatIsThrown()
    {
        foreach (var threads in (Parallelism[])[Parallelism.OneThread, Parallelism.AllCores])
        {
            var thrown = Assert.Throws<MlsException>(() => threads.For(1000, 4, i =>
            {
                if (i >= 500) throw new MlsException(MlsError.InvalidTree, $"at {i}");
            }));
            Assert.Equal("at 500", thrown.Rule);
        }
    }
}
