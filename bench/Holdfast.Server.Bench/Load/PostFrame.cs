using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Server.Bench.Load;

/// <summary>
/// The frame that submits a post, encoded once: only number, id and the first bytes of the content differ from one post to the next. The
/// content stands for ciphertext; it says which post it is of, so that a receiver finds out whose it is.
/// </summary>
internal sealed class PostFrame
{
    private const int RequestAt = 1, IdAt = 22, MarkBytes = Id128.Size + 8;
    private const uint FirstRequest = 1 << 24;

    private readonly byte[] _frame;
    private readonly int _contentAt, _member;
    private readonly ulong _seed;

    public PostFrame(LogId log, int member, ulong seed, int contentBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contentBytes, MarkBytes);
        (_member, _seed) = (member, seed);
        byte[] content = RandomSource.System.PublicBytes(contentBytes);
        var post = new Post(log, default, 0, PostKind.Application, ExpiryBucket.Retention, default, content, []);
        _frame = Tls.Encode<ClientFrame>(new SubmitPost(0, post));
        _contentAt = _frame.AsSpan().IndexOf(content);
        Write(0);
        var there = ((SubmitPost)Tls.Decode<ClientFrame>(_frame)).Post;
        if (there.Id.Value != IdOf(0)) throw new InvalidOperationException("the encoding of posts has changed: correct the places");
    }

    /// <summary>Which of the sender's posts an acknowledgement is of, or -1.</summary>
    public static int SequenceOf(uint request) => request < FirstRequest ? -1 : (int)(request - FirstRequest);

    /// <summary>Which member's post this is, and which of them.</summary>
    public static (int Member, int Sequence) MarkOf(ReadOnlySpan<byte> content) =>
        (BinaryPrimitives.ReadInt32LittleEndian(content[Id128.Size..]), BinaryPrimitives.ReadInt32LittleEndian(content[(Id128.Size + 4)..]));

    /// <summary>Tells contents apart, fast; it is not against anyone who wants to deceive.</summary>
    public static ulong Digest(ReadOnlySpan<byte> content)
    {
        uint first = 0, second = ~0u;
        var words = MemoryMarshal.Cast<byte, ulong>(content);
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            first = BitOperations.Crc32C(first, words[i]);
            second = BitOperations.Crc32C(second, words[i + 1]);
        }
        foreach (byte rest in content[(words.Length / 2 * 16)..]) first = BitOperations.Crc32C(first, rest);
        return ((ulong)first << 32) | second;
    }

    /// <summary>The id of a post: random as real ones are, and the same each time it is sent.</summary>
    public UInt128 IdOf(int sequence) => new(Mix(_seed ^ (uint)sequence), Mix(~_seed ^ (uint)sequence));

    /// <summary>The frame, valid until the next call, and the digest of its content.</summary>
    public (byte[] Frame, ulong Digest) Write(int sequence)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_frame.AsSpan(RequestAt), FirstRequest + (uint)sequence);
        BinaryPrimitives.WriteUInt128BigEndian(_frame.AsSpan(IdAt), IdOf(sequence));
        var content = _frame.AsSpan(_contentAt..^1);   // behind it stands the empty vector of deliveries
        BinaryPrimitives.WriteUInt128BigEndian(content, IdOf(sequence));
        BinaryPrimitives.WriteInt32LittleEndian(content[Id128.Size..], _member);
        BinaryPrimitives.WriteInt32LittleEndian(content[(Id128.Size + 4)..], sequence);
        return (_frame, Digest(content));
    }

    /// <summary>SplitMix64.</summary>
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value += 0x9e3779b97f4a7c15;
            value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
            value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
            return value ^ (value >> 31);
        }
    }
}
