using Holdfast.Cryptography;
using Holdfast.Vault;

if (args is not [var folder, ..] || args is not ([_] or [_, Sandbox.Again]))
{
    Console.Error.WriteLine("holdfast-vault is started by holdfast, with the profile's vault folder as its only argument.");
    return 2;
}
bool isAgain = args.Length > 1;
if (!isAgain) Sandbox.BeginAgain(folder);
using var input = Pipe.OpenInput();
using var output = Pipe.OpenOutput();
if (!Sandbox.TryClose(folder, isAgain, out var protections))
{
    Console.Error.WriteLine("holdfast-vault does not run while it is being traced.");
    return 3;
}
return VaultHost.Run(folder, input, output, RandomSource.System, TimeProvider.System, protections, comes: Pipe.Comes);
