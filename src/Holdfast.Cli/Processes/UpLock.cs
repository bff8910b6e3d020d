using System.Globalization;

namespace Holdfast.Cli.Processes;

/// <summary>Held by the one <c>holdfast up</c> of a server's folder; the system lets go of it however the command ends.</summary>
internal sealed class UpLock : IDisposable
{
    // What is locked cannot be read, so the process's number lies beside. The last is how a server keeps others from its folder.
    private const string OwnFile = "up.lock", NumberFile = "up.pid", ServersFile = "lock";

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _held;

    private UpLock(FileStream held) => _held = held;

    /// <summary>Takes the folder, once no server of a command that was killed runs on it any more.</summary>
    /// <exception cref="Client.FaceException">Another command or server has it; the message says what to type.</exception>
    public static async Task<UpLock> TakeAsync(string data, CancellationToken cancellationToken)
    {
        Client.Folder.MakePrivate(data);
        string number = Path.Combine(data, NumberFile);
        var taken = new UpLock(TryOpen(Path.Combine(data, OwnFile)) ?? throw RunsAlready(data, ReadNumber(number)));
        try
        {
            WriteNumber(number);
            await AwaitServersEndAsync(data, cancellationToken);
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    private static async Task AwaitServersEndAsync(string data, CancellationToken cancellationToken)
    {
        string path = Path.Combine(data, ServersFile);
        long began = TimeProvider.System.GetTimestamp();
        while (File.Exists(path))
        {
            using var free = TryOpen(path);
            if (free is not null) return;
            if (TimeProvider.System.GetElapsedTime(began) > EndLimit)
            {
                throw Failure.Server(
                    $"A server runs on {data} already that \"holdfast up\" has not started: join it with \"holdfast join INVITE --name NAME\", or end it first.");
            }
            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static Client.FaceException RunsAlready(string data, int? process) => Failure.Server(
        $"\"holdfast up\" runs on {data} already{(process is null ? "" : $", as process {process}")}. With it running, \"holdfast invite\" makes another invite and " +
        $"\"holdfast send NAME TEXT\" writes. To end it press Ctrl-C in its terminal{(process is null ? "" : $", or type \"kill {process}\"")}.");

    /// <summary>The file, for us alone, or null where somebody has it.</summary>
    private static FileStream? TryOpen(string path)
    {
        try { return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0); }
        catch (IOException) when (File.Exists(path)) { return null; }
    }

    private static void WriteNumber(string path)
    {
        try { File.WriteAllText(path, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)); }
        catch (IOException) { return; }   // a full disk: whoever comes second is then told without the number
    }

    private static int? ReadNumber(string path)
    {
        try { return int.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null; }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException) { return null; }
    }
}
