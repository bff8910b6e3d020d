using Holdfast.Client;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>A token host in its process, carried to as Client carries, and the vault's side of it.</summary>
internal sealed class Host : ITokenChannel, IDisposable
{
    private readonly TokenHostProcess _process;

    internal Host(TokenHostSettings settings, TimeSpan? patience = null, string? program = null)
    {
        _process = TokenHostProcess.Start(program ?? Programs.TokenHost, settings, patience ?? TimeSpan.FromMinutes(1));
        Client = new TokenClient(this, RandomSource.System);
    }

    internal TokenClient Client { get; }

    internal int ProcessId => _process.Id;

    public byte[]? Exchange(ReadOnlySpan<byte> frame) => _process.Exchange(frame.ToArray());

    /// <summary>Asks the host itself, past all that the vault's side checks.</summary>
    internal TokenReply Ask(TokenCall call) =>
        TokenFrame.Read<TokenReply>(Exchange(TokenFrame.Wrap(call)) ?? throw new InvalidOperationException("the host has ended"));

    public void Dispose() => _process.Dispose();
}
