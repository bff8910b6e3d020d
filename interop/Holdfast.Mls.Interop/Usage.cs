namespace Holdfast.Mls.Interop;

/// <summary>What to type.</summary>
internal static class Usage
{
    private const string Text = """
        usage: holdfast-mls-interop vectors FILE...    verifies test vectors of the MLS working group's formats
               holdfast-mls-interop serve --port N     answers the working group's MLSClient service on loopback; 0 for any port
        """;

    /// <summary>Says what was wrong and what to type instead; returns 2.</summary>
    internal static int Explain(TextWriter errors, string? wrong = null)
    {
        if (wrong is not null) errors.WriteLine(wrong);
        errors.WriteLine(Text);
        return 2;
    }
}
