using Holdfast.Cryptography;
using Holdfast.Vault;

if (args is not [var folder])
{
    Console.Error.WriteLine("holdfast-vault is started by holdfast, with the profile's vault folder as its only argument.");
    return 2;
}
using var input = Console.OpenStandardInput();
using var output = Console.OpenStandardOutput();
return VaultHost.Run(folder, input, output, RandomSource.System, TimeProvider.System);
