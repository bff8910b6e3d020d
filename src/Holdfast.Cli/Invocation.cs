using System.CommandLine;
using Holdfast.Cli.Terminal;
using Holdfast.Client;

namespace Holdfast.Cli;

/// <summary>What a command works with: what was typed, and where to speak.</summary>
/// <param name="Typed">The arguments and options.</param>
/// <param name="Screen">Where results go.</param>
/// <param name="Passcodes">Where the passcode comes from.</param>
/// <param name="TokenPins">Where the token PIN comes from, where one is needed.</param>
internal sealed record Invocation(ParseResult Typed, Screen Screen, Passcodes Passcodes, TokenPins TokenPins)
{
    /// <summary>Whose keys and messages.</summary>
    public Profile Profile => new(CommonOptions.ProfileOf(Typed));

    /// <summary>What was typed for an argument that must be there.</summary>
    public T Of<T>(Argument<T> argument) => Typed.GetRequiredValue(argument);

    /// <summary>What was typed for an option, or nothing.</summary>
    public T? Of<T>(Option<T> option) => Typed.GetValue(option);
}
