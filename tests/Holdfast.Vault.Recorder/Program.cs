using Holdfast.Protocol;
using Holdfast.Vault;
using Holdfast.Vault.Recorder;

// Given "keys" and a copy of a profile's vault folder, and the passcode on standard input: every key in it, for a test that then searches
// everything else for them. Otherwise it is the vault as it ships, but for two things: every secret that its random source gives out is also
// written to a file beside this executable, so that a test can search the disk for each of them afterwards; and a passcode costs little, since
// it is tried after each kill.
if (args is ["keys", var copy])
{
    string passcode = Console.In.ReadLine() ?? "";
    KeyBook.Write(copy, System.Text.Encoding.UTF8.GetBytes(passcode), Console.Out);
    return 0;
}
string record = Path.Combine(AppContext.BaseDirectory, "recorded");
Directory.CreateDirectory(record);
using var random = new RecordingRandomSource(Path.Combine(record, $"{Environment.ProcessId}-{Environment.TickCount64}.secrets"));
using var input = Console.OpenStandardInput();
using var output = Console.OpenStandardOutput();
return VaultHost.Run(args[0], input, output, random, TimeProvider.System, Protections.None, PasscodeCost.Least);
