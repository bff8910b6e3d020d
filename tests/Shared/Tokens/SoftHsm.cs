using System.Text;
using Holdfast.Client;

namespace Holdfast.Tests.Tokens;

/// <summary>A SoftHSM token in a folder of its own.</summary>
public sealed class SoftHsm : IDisposable
{
    internal const string Module = "/usr/lib/softhsm/libsofthsm2.so", OfficerPin = "87654321";

    private readonly TempFolder _folder = new();

    public SoftHsm()
    {
        _folder.Sub("tokens");
        File.WriteAllText(_folder["softhsm2.conf"], $"directories.tokendir = {_folder["tokens"]}\nobjectstore.backend = file\nlog.level = ERROR\n");
        Programs.Run("softhsm2-util", ["--init-token", "--free", "--label", "holdfast", "--so-pin", OfficerPin, "--pin", "123456"], Variable);
    }

    internal static byte[] TokenPin { get; } = Encoding.ASCII.GetBytes("123456");

    internal (string Name, string Value) Variable => ("SOFTHSM2_CONF", _folder["softhsm2.conf"]);

    internal string Tokens => _folder["tokens"];

    internal TokenHostSettings Settings => With(Module);

    /// <summary>Behind another module, which passes on what it does not lie about.</summary>
    internal TokenHostSettings With(string module) => new(
        IsTpm: false, module, [_folder.Path], new Dictionary<string, string> { [Variable.Name] = Variable.Value });

    public void Dispose() => _folder.Dispose();
}
