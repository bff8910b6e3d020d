using System.Text.Json;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Which module or TPM a token host speaks to, and what it needs to know. The profile keeps it beside the token's record.</summary>
/// <param name="IsTpm">Whether it is a TPM, and not a PKCS#11 module.</param>
/// <param name="Path">The module's file, the TPM's device or the socket of one in software: an absolute path.</param>
/// <param name="Folders">The folders in which the module keeps its own files: it may write these and no others.</param>
/// <param name="Variables">The environment variables that the module reads, such as <c>SOFTHSM2_CONF</c>: it gets these and no others.</param>
public sealed record TokenHostSettings(
    bool IsTpm, string Path, IReadOnlyList<string> Folders, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>What changes which code a program loads: a module is asked about before it is loaded, and these are not.</summary>
    private static readonly string[] NotForModules = ["LD_", "DOTNET_", "COMPLUS_", "CORECLR_", "GLIBC_", "GCONV_", "MALLOC_", "OPENSSL_", "HOLDFAST_"];

    internal IEnumerable<string> Arguments => [IsTpm ? "tpm" : "pkcs11", Path, .. Folders];

    /// <summary>What is wrong with these, in a sentence; null for nothing.</summary>
    public string? Problem()
    {
        if (!Folders.Prepend(Path).All(System.IO.Path.IsPathFullyQualified)) return "Paths of a token's module, device or folders are absolute.";
        if (Variables.Keys.FirstOrDefault(IsRefused) is { } refused) return $"{refused} is no variable for a token's module.";
        return Encode().Length > TokenLimits.WayBytes ? "That is too much to keep with the profile: give fewer folders and variables." : null;
    }

    internal byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, FaceJson.Default.TokenHostSettings);

    /// <summary>As it was encoded; null for what is none that we would start a host with.</summary>
    internal static TokenHostSettings? Decode(ReadOnlySpan<byte> way)
    {
        try
        {
            return JsonSerializer.Deserialize(way, FaceJson.Default.TokenHostSettings) is { Path: not null, Folders: not null, Variables: not null } settings
                && settings.Problem() is null ? settings : null;
        }
        catch (Exception malformed) when (malformed is JsonException or NotSupportedException) { return null; }
    }

    private static bool IsRefused(string name) =>
        name.Length == 0 || name.Contains('=', StringComparison.Ordinal)
        || NotForModules.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
