using Holdfast.Client.Tests.Support;

namespace Holdfast.Client.Tests.Kills;

/// <summary>What the kill tests look for is found where it is: each fault planted once.</summary>
public sealed class ControlTests
{
    private static readonly Line First = new(1, "a", "send 1"), Second = new(2, "b", "receive 2"), Third = new(4, "c", "send 3");

    [Fact]
    public void WhatIsAsItShouldBePasses()
    {
        var talk = Said();
        talk.Check([First, Second], [First, Second]);
        talk.Check([Third], [Third]);
        Assert.Equal([First, Second, Third], talk.Lines);
    }

    [Fact]
    public void ATextThatBothHaveLostIsFound() => RequireFault([First, Third], [First, Third]);

    [Fact]
    public void ATextThatOneHasLostIsFound() => RequireFault([First, Third], [First, Second, Third]);

    [Fact]
    public void ADoubledTextIsFound() => RequireFault([First, Second, Second with { Position = 3, Id = "d" }], [First, Second, Second with { Position = 3, Id = "d" }]);

    [Fact]
    public void ATextThatWasThereBeforeIsFound()
    {
        var talk = Said();
        talk.Check([First, Second], [First, Second]);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => talk.Check([First with { Position = 5 }, Third], [First with { Position = 5 }, Third]));
    }

    [Fact]
    public void TextsInAnotherOrderAreFound() => RequireFault(
        [Second with { Position = 1 }, First with { Position = 2 }, Third], [Second with { Position = 1 }, First with { Position = 2 }, Third]);

    [Fact]
    public void ATextThatNobodyHasSentIsFound() => RequireFault([First, Second, Third, new(5, "e", "send 9")], [First, Second, Third, new(5, "e", "send 9")]);

    [Fact]
    public void ATextThatStillWaitsIsFound() => RequireFault([First, Second, Third with { Position = 0 }], [First, Second, Third]);

    [Fact]
    public void AKeyThatIsUsedTwiceIsFound()
    {
        using var folder = new TemporaryFolder();
        string record = folder.Of("sealed"), hash = new('0', 64), other = new('1', 64);
        var keys = new SealedKeys(record);
        File.WriteAllText(record, $"log 1 0 application 7\t{hash}\nlog 1 0 application 8\t{other}\n");
        keys.Check();
        File.AppendAllText(record, $"log 1 0 application 7\t{hash}\nlog 1 0 app");   // sent once more; and somebody died as it wrote
        keys.Check();
        Assert.Equal(2, keys.Count);
        File.AppendAllText(record, $"lication 7\t{other}\n");
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(keys.Check);
    }

    private static Talk Said()
    {
        var talk = new Talk();
        foreach (string text in (string[])["send 1", "receive 2", "send 3"]) talk.Try(text);
        talk.Acknowledge("send 1");
        talk.Acknowledge("receive 2");
        return talk;
    }

    private static void RequireFault(IReadOnlyList<Line> hers, IReadOnlyList<Line> his)
    {
        var talk = Said();
        talk.Acknowledge("send 3");
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => talk.Check(hers, his));
    }
}
