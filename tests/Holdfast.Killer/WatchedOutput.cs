using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Killer;

/// <summary>The vault's end of the pipe: what is sealed in an answer is recorded before it leaves.</summary>
internal sealed class WatchedOutput(Stream output, Steps steps, KeyRecord keys) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        steps.BeginAnswer();
        keys.Note(Tls.Decode<VaultReply>(buffer[VaultFrame.HeaderBytes..]));
        output.Write(buffer);
    }

    public override void Flush()
    {
        output.Flush();
        steps.EndAnswer();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
