using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>
/// The pipe: one frame in, one frame out. While a call waits for a token, its questions go out as answers and what comes in is theirs. Any
/// other call ends that wait: it stays here until the one before has ended, and is then the next.
/// </summary>
internal sealed class VaultPipe(Stream input, Stream output)
{
    private byte[]? _waiting;
    private bool _hasEnded;

    /// <summary>Whether what was read is no frame: nothing after it can be trusted.</summary>
    internal bool IsOutOfStep { get; private set; }

    /// <summary>Whether another call has come instead of a token's answer, and is still to be read.</summary>
    internal bool IsInterrupted => _waiting is not null;

    /// <summary>The next call; null at the end. Wiping it is the caller's.</summary>
    internal byte[]? Read()
    {
        if (_waiting is { } waiting)
        {
            _waiting = null;
            return waiting;
        }
        var call = _hasEnded ? null : ReadFrame();
        _hasEnded = call is null;
        return call;
    }

    /// <summary>Answers the call that was read last.</summary>
    internal void Write(VaultReply answer)
    {
        byte[] reply = VaultFrame.Wrap(answer);
        output.Write(reply);
        output.Flush();
        CryptographicOperations.ZeroMemory(reply);
    }

    /// <summary>The way to a token's host, through whoever is on the other side of this pipe.</summary>
    internal ITokenChannel To(TokenRole role) => new Channel(this, role);

    private byte[]? ReadFrame()
    {
        Span<byte> header = stackalloc byte[VaultFrame.HeaderBytes];
        if (input.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length) return null;
        int length;
        try { length = VaultFrame.ReadLength(header); }
        catch (CodecException)
        {
            IsOutOfStep = true;
            return null;
        }
        byte[] call = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        if (input.ReadAtLeast(call, length, throwOnEndOfStream: false) == length) return call;
        IsOutOfStep = true;
        return null;
    }

    private byte[]? Ask(TokenRole role, ReadOnlySpan<byte> frame)
    {
        if (IsInterrupted || _hasEnded) return null;
        byte[] question = GC.AllocateUninitializedArray<byte>(frame.Length, pinned: true);
        frame.CopyTo(question);
        Write(new AskToken(role, question));
        CryptographicOperations.ZeroMemory(question);   // a token PIN may be in it
        if (Read() is not { } call) return null;
        if (AnswerIn(call) is not { } answer)
        {
            _waiting = call;
            return null;
        }
        CryptographicOperations.ZeroMemory(call);
        return answer.IsEmpty ? null : answer.ToArray();
    }

    /// <summary>Null for any call that does not fit a vault that is waiting.</summary>
    private static ReadOnlyMemory<byte>? AnswerIn(byte[] bytes)
    {
        try
        {
            return Tls.Decode<VaultCall>(bytes) is TokenAnswered answered && CallTable.Allows(answered, VaultState.Unlocking)
                ? answered.Answer
                : (ReadOnlyMemory<byte>?)null;   // a bare null would be an empty answer
        }
        catch (CodecException) { return null; }   // it is answered as what it is, when its turn comes
    }

    private sealed class Channel(VaultPipe pipe, TokenRole role) : ITokenChannel
    {
        public byte[]? Exchange(ReadOnlySpan<byte> frame) => pipe.Ask(role, frame);
    }
}
