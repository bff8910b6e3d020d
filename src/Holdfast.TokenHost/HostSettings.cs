using System.Security.Cryptography;
using Holdfast.TokenHost.Pkcs11;
using Holdfast.TokenHost.Tpm;

namespace Holdfast.TokenHost;

/// <summary>The one thing this process speaks to, as its arguments say.</summary>
/// <param name="IsTpm">Whether that is a TPM, and not a PKCS#11 module.</param>
/// <param name="Path">The module's file, the TPM's device, or the socket of one in software.</param>
/// <param name="Folders">The folders that the module keeps its own files in, and may write.</param>
internal sealed record HostSettings(bool IsTpm, string Path, IReadOnlyList<string> Folders)
{
    /// <summary>Null for arguments that say nothing of the kind. Paths are absolute, so that none is looked for.</summary>
    internal static HostSettings? Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count < 2 || !arguments.Skip(1).All(System.IO.Path.IsPathFullyQualified)) return null;
        return arguments[0] switch
        {
            "pkcs11" => new HostSettings(false, arguments[1], [.. arguments.Skip(2)]),
            "tpm" when arguments.Count == 2 => new HostSettings(true, arguments[1], []),
            _ => null,
        };
    }

    /// <summary>The digest of the module's file; empty of a TPM.</summary>
    internal byte[] Digest()
    {
        if (IsTpm) return [];
        using var file = File.OpenRead(Path);
        return SHA256.HashData(file);
    }

    internal ITokenReader Reach() => IsTpm ? new TpmReader(TpmWire.Open(Path)) : new Pkcs11Reader(Module.Load(Path));
}
