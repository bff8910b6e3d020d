namespace Holdfast.Client;

/// <summary>Which module or TPM a token host speaks to, and what it needs to know.</summary>
/// <param name="IsTpm">Whether it is a TPM, and not a PKCS#11 module.</param>
/// <param name="Path">The module's file, the TPM's device or the socket of one in software: an absolute path.</param>
/// <param name="Folders">The folders in which the module keeps its own files: it may write these and no others.</param>
/// <param name="Variables">The environment variables that the module reads, such as <c>SOFTHSM2_CONF</c>: it gets these and no others.</param>
internal sealed record TokenHostSettings(
    bool IsTpm, string Path, IReadOnlyList<string> Folders, IReadOnlyDictionary<string, string> Variables)
{
    internal IEnumerable<string> Arguments => [IsTpm ? "tpm" : "pkcs11", Path, .. Folders];
}
