using System.Globalization;
using Holdfast.Tests;

namespace Holdfast.Scenarios.ForensicDrill;

/// <summary>Someone with an account on the machine, who types commands and keeps what is theirs in their pocket.</summary>
internal sealed class Resident
{
    private readonly World _world;
    private readonly int _user;

    public Resident(World world, int user, string account, string name, string passcode)
    {
        (_world, _user, Account, Name, Passcode) = (world, user, account, name, passcode);
        world.GivePocket(user, account);
        Choose(passcode);
    }

    public string Account { get; }

    /// <summary>What others see.</summary>
    public string Name { get; }

    /// <summary>What opens the profile now.</summary>
    public string Passcode { get; private set; }

    /// <summary>Their folder, where everything is that the product keeps for them.</summary>
    public string Home => $"/home/{Account}";

    /// <summary>Where they keep their own files.</summary>
    public string Pocket => $"{World.Pocket}/{Account}";

    /// <summary>The vault's folder, from outside.</summary>
    public string VaultFolder => Path.Combine(_world.Written(Home), ".local", "share", "holdfast", "profile", "vault");

    /// <summary>Types a command; its lines.</summary>
    public async Task<IReadOnlyList<string>> TypeAsync(params string[] command)
    {
        string[] all = _world.Inside(_user, Home, [$"{World.Product}/holdfast", command[0], "--json", "--passcode-file", $"{Pocket}/passcode", .. command[1..]]);
        var ended = await Command.RunAsync(all[0], all[1..]);
        if (ended.Exit != 0) throw new ScenarioException($"{Account}: \"{string.Join(' ', command)}\" ended with {ended.Exit}: {ended.Errors}");
        return ended.Lines;
    }

    /// <summary>Puts something into the pocket.</summary>
    public string Bring(string name, byte[] content)
    {
        File.WriteAllBytes(_world.InPocket($"{Account}/{name}"), content);
        return $"{Pocket}/{name}";
    }

    /// <summary>Changes the passcode, as people do now and then.</summary>
    public async Task ChangePasscodeAsync(string next)
    {
        string file = Bring("next", System.Text.Encoding.UTF8.GetBytes(next + "\n"));
        await TypeAsync("passcode", "change", "--new-passcode-file", file);
        Choose(next);
    }

    /// <summary>The processes that run as this user, whatever they are.</summary>
    public IReadOnlyList<ResidentProcess> Processes() => ResidentProcess.Of(_user);

    private void Choose(string passcode)
    {
        Passcode = passcode;
        Bring("passcode", System.Text.Encoding.UTF8.GetBytes(passcode + "\n"));
    }
}

/// <summary>A process that runs.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Arguments">What it was started with.</param>
internal sealed record ResidentProcess(int Id, string Arguments)
{
    public bool IsAgent => Arguments.Contains("/holdfast agent ", StringComparison.Ordinal);

    /// <summary>An outer wall's own process has the vault's path among its arguments; the vault's begin with it.</summary>
    public bool IsVault => Arguments.StartsWith($"{World.Product}/vault/holdfast-vault ", StringComparison.Ordinal);

    /// <summary>Ends it, where it has not ended by itself.</summary>
    public void Kill()
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(Id);
            process.Kill();
        }
        catch (ArgumentException) { return; }   // it was faster
    }

    /// <summary>All of one user.</summary>
    public static IReadOnlyList<ResidentProcess> Of(int user) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(static folder => Path.GetFileName(folder))
            .Where(name => char.IsAsciiDigit(name[0]) && UserOf(name) == user)
            .Select(static name => new ResidentProcess(int.Parse(name, CultureInfo.InvariantCulture), string.Join(' ', CommandLine.Of(name)))),
    ];

    private static int? UserOf(string process)
    {
        try
        {
            string[] lines = File.ReadAllLines($"/proc/{process}/status");
            bool isGone = lines.Any(static line => line.StartsWith("State:", StringComparison.Ordinal) && line.Contains('Z'));
            string user = lines.First(static line => line.StartsWith("Uid:", StringComparison.Ordinal));
            return isGone ? null : int.Parse(user.Split('\t')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException) { return null; }   // it ended while we looked
    }
}
