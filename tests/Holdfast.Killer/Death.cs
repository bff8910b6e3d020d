using System.Globalization;
using System.Runtime.InteropServices;

namespace Holdfast.Killer;

/// <summary>
/// Who is to die, and at which step from now: the file <c>die</c> in the vault's folder says so, such as <c>vault 7 1</c> or
/// <c>client 1 2 after SealTexts: sync 1</c> (who, the how-manieth, the order's own number, and of which name; without one, of all). It is gone once
/// that is done. <c>nobody 0 3</c> asks for the names of the steps, which come into the file <c>steps</c>. The client is whoever has started the vault.
/// </summary>
internal sealed partial class Death(string folder)
{
    private const int Kill = 9;

    private readonly string _path = Path.Combine(folder, "die");
    private string? _order;
    private int _left;

    /// <summary>A step: somebody dies here, if that is what was ordered.</summary>
    internal void Step(string name)
    {
        if (TryRead()?.Split(' ', 4) is not [var who, var count, var number, ..] order) return;
        if (number != _order) (_order, _left) = (number, int.Parse(count, CultureInfo.InvariantCulture));
        if (who == "nobody") File.AppendAllLines(Path.Combine(folder, "steps"), [name]);
        else if ((order.Length < 4 || order[3] == name) && --_left == 0 && TryClaim()) End(who);
    }

    private static void End(string who)
    {
        _ = kill(who == "client" ? getppid() : Environment.ProcessId, Kill);
        if (who == "vault") Thread.Sleep(Timeout.Infinite);   // the signal is on its way; a vault without its client ends where its input does
    }

    /// <summary>Only one of the two that look at an order has it: who carries it out, or who takes it back.</summary>
    private bool TryClaim()
    {
        try
        {
            File.Move(_path, _path + ".done", overwrite: true);
            return true;
        }
        catch (FileNotFoundException) { return false; }
    }

    private string? TryRead()
    {
        try { return File.Exists(_path) ? File.ReadAllText(_path) : null; }
        catch (FileNotFoundException) { return null; }   // it was taken back
    }

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    private static partial int getppid();
}
