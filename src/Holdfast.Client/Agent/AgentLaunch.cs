using System.Diagnostics;

namespace Holdfast.Client;

/// <summary>How an agent is started: a process of its own that outlives the command and shares none of its streams.</summary>
/// <param name="Executable">What to run.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record AgentLaunch(string Executable, IReadOnlyList<string> Arguments)
{
    /// <summary>A session of its own, so that no terminal's signal reaches it; where there is no <c>setsid</c> it ignores those signals instead.</summary>
    private const string Detach = """
        exec </dev/null >/dev/null 2>&1
        if command -v setsid; then exec setsid "$0" "$@"; fi
        trap '' HUP INT QUIT TSTP
        exec "$0" "$@"
        """;

    /// <summary>
    /// What an agent is told. The system's certificate authorities are looked for where there are none: none counts (<see cref="PinnedServer"/>), and
    /// to read them takes longer than the rest of an agent's start.
    /// </summary>
    internal static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>(ClosedMemory.Variables)
    {
        ["SSL_CERT_FILE"] = "/dev/null", ["SSL_CERT_DIR"] = "/dev/null",
    };

    /// <summary>This very program with <c>agent --profile DIR</c>.</summary>
    public static AgentLaunch OfThisProgram(Profile profile)
    {
        string executable = Environment.ProcessPath ?? throw new InvalidOperationException("this process has no executable");
        string[] command = ["agent", "--profile", profile.Directory];
        bool isHost = Path.GetFileNameWithoutExtension(executable).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new(executable, isHost ? [Environment.GetCommandLineArgs()[0], .. command] : command);
    }

    /// <summary>Starts it. The shell in between lets go of the streams and is replaced by the agent.</summary>
    internal Process Start()
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(Executable, Arguments) { CreateNoWindow = true }
            : new ProcessStartInfo("/bin/sh", ["-c", Detach, Executable, .. Arguments]);
        foreach (var (name, value) in Variables) start.Environment[name] = value;
        start.WorkingDirectory = Path.GetPathRoot(AppContext.BaseDirectory);
        return Process.Start(start) ?? throw new FaceException(ExitCode.Failed, FaceCode.AgentEnded, "The agent could not be started.");
    }
}
