using System.Globalization;
using System.Runtime.InteropServices;
using Holdfast.Tests;

namespace Holdfast.Scenarios.FirstConversation;

/// <summary>Finds the processes of a profile by the folder in their arguments, and kills them without a warning.</summary>
internal static class ProcessTable
{
    private const int KillSignal = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The profile's agent.</summary>
    public static int? AgentOf(string profile) => Find(arguments => arguments.Contains("agent") && arguments.Contains(profile));

    /// <summary>The profile's vault.</summary>
    public static int? VaultOf(string profile)
    {
        string folder = Path.Combine(profile, "vault");
        return Find(arguments => arguments is [_, var own, ..] && own == folder);
    }

    /// <summary>Kills with signal 9 and waits until the process is gone.</summary>
    public static void Kill(int process)
    {
        if (Send(process, KillSignal) != 0) return;   // it was faster
        for (long start = Environment.TickCount64; IsAlive(process); Thread.Sleep(1))
            if (Environment.TickCount64 - start > Patience.TotalMilliseconds) throw new ScenarioException($"Process {process} survives signal 9.");
    }

    private static int? Find(Func<string[], bool> isMeant)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
                && isMeant(CommandLine.Of(Path.GetFileName(folder))) && IsAlive(process)) return process;
        }
        return null;
    }

    /// <summary>One that nobody has waited for yet is dead all the same.</summary>
    private static bool IsAlive(int process)
    {
        try
        {
            string status = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            return status[status.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException) { return false; }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Send(int process, int signal);
}
