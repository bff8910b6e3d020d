using System.Globalization;
using Holdfast.Client;
using Holdfast.Cryptography;
using Holdfast.Killer;
using Holdfast.Protocol;
using Holdfast.Vault;
using Monitor = Holdfast.Vault.Monitor;

// Agent and vault as they ship, without walls and with a passcode that costs little, which die when they are told to: at the n-th step at
// which something of what they do is on the disk, or is to be, or has been answered.
if (args is ["agent", var profile])
{
    await AgentProgram.RunAsync(new AgentOptions(new Holdfast.Client.Profile(profile)) { VaultPath = Environment.ProcessPath! }, CancellationToken.None);
    return 0;
}
if (args is not [var folder]) return 1;   // behind no outer wall
File.WriteAllText(Path.Combine(folder, "pid"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
var steps = new Steps(new Death(folder));
Monitor? monitor = null;
using var input = new WatchedInput(Console.OpenStandardInput(), steps);
using var output = new WatchedOutput(Console.OpenStandardOutput(), steps, new KeyRecord(Path.Combine(folder, "sealed"), () => monitor?.Opened));
return VaultHost.Run(
    pipe => monitor = new Monitor(folder, RandomSource.System, TimeProvider.System, PasscodeCost.Least, pipe.To, new DyingDisk(steps)),
    input, output, Protections.None);
