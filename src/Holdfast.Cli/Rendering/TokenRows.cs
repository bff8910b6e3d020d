using Holdfast.Client;

namespace Holdfast.Cli.Rendering;

/// <summary>What guards a profile besides its passcode, and what does not, in plain words.</summary>
internal static class TokenRows
{
    public static IEnumerable<string[]> Of(StatusAnswer status)
    {
        if (status.Token is not { } token)
        {
            yield return ["token", "none: the passcode alone opens this profile"];
            yield return ["missing", "a token: whoever has an image of this disk can search for the passcode offline, as fast as they like (see holdfast token)"];
            yield break;
        }
        string model = token.Model.Length > 0 && token.Model != token.Label ? $" ({VisibleText.Line(token.Model)})" : "";
        yield return ["token", $"{VisibleText.Line(token.Label)}{model}, {(token.IsTpm ? "a TPM at" : "through")} {VisibleText.Line(token.Path)}"];
        yield return ["protected", "passcode and token are both needed: an image of this disk cannot be searched for the passcode without the token"];
        foreach (var wall in token.Walls.OrderByDescending(static wall => wall.InForce)) yield return [wall.InForce ? "protected" : "missing", wall.Text];
        if (token.Walls.Count > 0)
            yield return ["missing", "a filter of system calls around the token's module, which is foreign code"];
        else yield return ["warning", "the program that speaks to the token does not answer: is Holdfast whole, and the token's module where it was?"];
    }
}
