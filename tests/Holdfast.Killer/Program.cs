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
    var client = new Holdfast.Client.Profile(profile);
    new Death(client.VaultDirectory).Serve();
    await AgentProgram.RunAsync(new AgentOptions(client) { VaultPath = Environment.ProcessPath! }, CancellationToken.None);
    return 0;
}
string folder = args[0];
var death = new Death(folder);
Monitor? monitor = null;
using var input = Console.OpenStandardInput();
using var output = new WatchedOutput(Console.OpenStandardOutput(), death, new KeyRecord(Path.Combine(folder, "sealed"), () => monitor?.Opened));
return VaultHost.Run(
    pipe => monitor = new Monitor(folder, RandomSource.System, TimeProvider.System, PasscodeCost.Least, pipe.To, new DyingDisk(death)),
    input, output, Protections.None);
