namespace Holdfast.Mls.Vectors;

/// <summary>Compares what a case says with what we compute.</summary>
internal static class Expect
{
    internal static void Same(string what, ReadOnlySpan<byte> published, ReadOnlySpan<byte> ours)
    {
        if (!published.SequenceEqual(ours)) throw new VectorMismatchException($"{what} is not as published");
    }

    internal static void Equal<T>(string what, T published, T ours)
    {
        if (!EqualityComparer<T>.Default.Equals(published, ours))
            throw new VectorMismatchException($"{what} is not as published: {published} there, {ours} here");
    }

    internal static void Holds(string what, bool holds)
    {
        if (!holds) throw new VectorMismatchException($"it does not hold that {what}");
    }

    internal static T Present<T>(string what, T? value) where T : class =>
        value ?? throw new VectorMismatchException($"there is no {what}");

    /// <summary>That a call is refused in the one way that it should be.</summary>
    internal static void Refused<TException>(string what, Action call) where TException : Exception
    {
        try
        {
            call();
        }
        catch (TException)
        {
            return;
        }
        throw new VectorMismatchException($"{what} is not refused");
    }
}
