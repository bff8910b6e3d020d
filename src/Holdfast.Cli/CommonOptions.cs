using System.CommandLine;
using Holdfast.Cli.Rendering;

namespace Holdfast.Cli;

/// <summary>The options every command takes.</summary>
internal static class CommonOptions
{
    public const string ProfileVariable = "HOLDFAST_PROFILE";

    public static Option<string?> Profile { get; } = new("--profile")
    {
        Description = $"The folder with your keys and messages (default: ${ProfileVariable}, else your data folder).",
        HelpName = "DIR", Recursive = true,
    };

    public static Option<string?> PasscodeFile { get; } = new("--passcode-file")
    {
        Description = "A file whose first line is the passcode (default: ask on the terminal).", HelpName = "FILE", Recursive = true,
    };

    public static Option<string?> TokenPinFile { get; } = new("--token-pin-file")
    {
        Description = "A file whose first line is the token PIN, where a token guards the profile (default: ask on the terminal).",
        HelpName = "FILE", Recursive = true,
    };

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON object per line.", Recursive = true,
    };

    /// <summary>The profile's folder, whole.</summary>
    public static string ProfileOf(ParseResult parsed)
    {
        string? named = parsed.GetValue(Profile) ?? Environment.GetEnvironmentVariable(ProfileVariable);
        return string.IsNullOrEmpty(named) ? Path.Combine(DataFolder("--profile"), "profile") : Path.GetFullPath(named);
    }

    /// <summary>What to add to a command that is shown to be typed next, so that it means the same profile.</summary>
    public static string ProfileAgain(Invocation invocation) =>
        invocation.Of(Profile) is { } typed ? $" --profile {VisibleText.Line(typed)}" : "";

    /// <summary>The platform's data folder for Holdfast.</summary>
    /// <param name="option">What to give where the platform has none.</param>
    public static string DataFolder(string option)
    {
        string data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return data.Length > 0 ? Path.Combine(data, "holdfast") : throw Failure.Usage($"You have no data folder here: give {option} DIR.");
    }

    /// <summary>An option that takes a whole number.</summary>
    public static Option<ulong?> Number(string name, string helpName, string description, ulong least, ulong most) => new(name)
    {
        Description = description, HelpName = helpName,
        CustomParser = result =>
        {
            if (ulong.TryParse(result.Tokens[0].Value, out ulong number) && number >= least && number <= most) return number;
            result.AddError(most == ulong.MaxValue
                ? $"{name} takes a whole number."
                : $"{name} takes a whole number from {least} to {most}.");
            return null;
        },
    };
}
