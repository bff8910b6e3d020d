using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.TokenHost;

/// <summary>The token host's main loop: frames in, frames out, one at a time, until the pipe closes.</summary>
internal sealed class HostLoop(HostSettings settings, HostWalls walls) : IDisposable
{
    private ITokenReader? _reader;
    private ITokenKey? _key;

    /// <summary>Runs until the end.</summary>
    /// <returns>The process's exit code.</returns>
    internal int Run(Stream input, Stream output)
    {
        Span<byte> header = stackalloc byte[TokenFrame.HeaderBytes];
        while (input.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            int length;
            try { length = TokenFrame.ReadLength(header); }
            catch (CodecException) { return 1; }   // the pipe is out of step: nothing after this can be trusted
            byte[] call = GC.AllocateUninitializedArray<byte>(length, pinned: true);
            if (input.ReadAtLeast(call, length, throwOnEndOfStream: false) < length) return 1;
            byte[] reply = TokenFrame.Wrap(Answer(call));
            CryptographicOperations.ZeroMemory(call);
            output.Write(reply);
            output.Flush();
            CryptographicOperations.ZeroMemory(reply);
        }
        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _key?.Dispose();
        _reader?.Dispose();
    }

    private TokenReply Answer(ReadOnlySpan<byte> frame)
    {
        try { return Answer(TokenFrame.Read<TokenCall>(frame)); }
        catch (CodecException) { return new TokenFailed(TokenError.BadCall, 0); }
        catch (TokenHostException failed) { return new TokenFailed(failed.Error, failed.Code); }
        catch (IOException) { return new TokenFailed(TokenError.Unreachable, 0); }
        catch (UnauthorizedAccessException) { return new TokenFailed(TokenError.Unreachable, 0); }
    }

    private TokenReply Answer(TokenCall call) => call switch
    {
        DescribeHost => new HostDescribed(walls, settings.Digest()),
        ListTokens => new TokensListed((_reader ??= settings.Reach()).List()),
        OpenToken open => Open(open),
        ListKeys => new KeysListed(Reader.ListKeys()),
        GenerateKey generate => Hold(Reader.Generate(generate.Purpose, generate.Name.Span)),
        OpenKey open => Hold(Reader.OpenKey(open.Handle.Span)),
        TryToAlter => Key.TryToAlter(),
        Ecdh ecdh => Agree(ecdh),
        SignHash sign => Sign(sign),
        _ => throw new TokenHostException(TokenError.BadCall),
    };

    private ITokenReader Reader => _reader ?? throw new TokenHostException(TokenError.BadCall);

    private ITokenKey Key => _key ?? throw new TokenHostException(TokenError.BadCall);

    private TokenOpened Open(OpenToken open)
    {
        _key?.Dispose();
        _key = null;
        try { Reader.Open(open.Token.Span, open.TokenPin.Span); }
        finally { Wipe(open.TokenPin); }
        return new TokenOpened();
    }

    private KeyOpened Hold(ITokenKey key)
    {
        _key?.Dispose();
        _key = key;
        return new KeyOpened(key.Description);
    }

    private Agreed Agree(Ecdh ecdh)
    {
        if (ecdh.Point.Span[0] != 4) throw new TokenHostException(TokenError.BadPoint);
        byte[] shared = GC.AllocateUninitializedArray<byte>(TokenLimits.SharedBytes, pinned: true);
        Key.Ecdh(ecdh.Point.Span, shared);
        return new Agreed(shared);
    }

    private HashSigned Sign(SignHash sign)
    {
        byte[] signature = new byte[TokenLimits.SignatureBytes];
        Key.SignHash(sign.Hash.Span, signature);
        return new HashSigned(signature);
    }

    private static void Wipe(ReadOnlyMemory<byte> secret) =>
        CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsMemory(secret).Span);
}
