using Holdfast.Cryptography;

namespace Holdfast.Vault.Pages;

/// <summary>The keys of one store file: each follows from the store's key and the file's random identity, so that no two files share one.</summary>
internal sealed class StoreKeys : IDisposable
{
    /// <summary>The size of each key in bytes: AES-256.</summary>
    internal const int KeyBytes = 32;

    private readonly Secret _root;

    internal StoreKeys(Secret storeKey, ReadOnlySpan<byte> identity) =>
        _root = Hkdf.Sha256.Expand(storeKey.Reveal(), [.. "Holdfast 2 store file "u8, .. identity], KeyBytes);

    /// <summary>Shows that somebody has the key.</summary>
    internal Secret Check() => Derive("check"u8, []);

    /// <summary>Seals the pages of the main file.</summary>
    internal Secret Pages() => Derive("pages"u8, []);

    /// <summary>Seals the page list.</summary>
    internal Secret List() => Derive("list"u8, []);

    /// <summary>Seals the headers of the write-ahead log.</summary>
    internal Secret LogHeader() => Derive("log header"u8, []);

    /// <summary>Seals once more the records that hold secrets for as long as the store is open.</summary>
    internal Secret Records() => Derive("records"u8, []);

    /// <summary>Seals the frames of one run of the write-ahead log: whoever overwrites the salt has destroyed the run.</summary>
    internal Secret LogRun(ReadOnlySpan<byte> salt) => Derive("log run "u8, salt);

    public void Dispose() => _root.Dispose();

    private Secret Derive(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context) => Hkdf.Sha256.Expand(_root.Reveal(), [.. label, .. context], KeyBytes);
}
