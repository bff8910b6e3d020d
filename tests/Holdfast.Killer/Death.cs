using System.Globalization;
using System.Runtime.InteropServices;

namespace Holdfast.Killer;

/// <summary>
/// Who is to die, and at which step from now: the file <c>die</c> in the vault's folder says so, such as <c>vault 7</c> or <c>client 3</c>. It is
/// gone once it is done. The client, which the vault may not see, is asked by another file to kill itself.
/// </summary>
internal sealed partial class Death(string folder)
{
    private const int Kill = 9;

    private readonly string _order = Path.Combine(folder, "die"), _client = Path.Combine(folder, "die-client");
    private string? _who;
    private int _left;

    /// <summary>A step: the process dies here, or the one that has started it, if that is what was ordered.</summary>
    internal void Step()
    {
        if (_who is null && !TryRead()) return;
        if (--_left > 0 && File.Exists(_order)) return;
        string who = _who!;
        _who = null;
        if (!TryClaim()) return;   // they are spared
        if (who == "client") AskClient();
        else End();
    }

    /// <summary>Only one of the two that look at an order has it: who carries it out, or who takes it back.</summary>
    private bool TryClaim()
    {
        try
        {
            File.Move(_order, _order + ".done", overwrite: true);
            return true;
        }
        catch (FileNotFoundException) { return false; }
    }

    /// <summary>In the client: ends it as soon as the vault asks for it.</summary>
    internal void Serve()
    {
        new Thread(() =>
        {
            while (!File.Exists(_client)) Thread.Sleep(1);
            File.Delete(_client);
            End();
        })
        {
            IsBackground = true,
        }.Start();
    }

    /// <summary>The vault goes on when its client is as good as dead, and ends as it does where its input ends.</summary>
    private void AskClient()
    {
        File.Create(_client).Dispose();
        while (File.Exists(_client)) Thread.Sleep(1);
    }

    private static void End()
    {
        _ = kill(Environment.ProcessId, Kill);
        Thread.Sleep(Timeout.Infinite);   // the signal is on its way
    }

    private bool TryRead()
    {
        if (!File.Exists(_order)) return false;
        string[] order = File.ReadAllText(_order).Split(' ');
        if (order.Length != 2) return false;   // it is being written
        (_who, _left) = (order[0], int.Parse(order[1], CultureInfo.InvariantCulture));
        return true;
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);
}
