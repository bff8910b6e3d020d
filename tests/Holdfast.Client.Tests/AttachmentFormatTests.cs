using System.Security.Cryptography;
using CsCheck;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Client.Tests;

public sealed class AttachmentFormatTests
{
    private static readonly byte[] Key = RandomSource.System.PublicBytes(32);
    private static readonly BlobId Blob = BlobId.Of(RandomSource.System.PublicBytes(16));

    [Theory, InlineData(0), InlineData(1), InlineData(1023), InlineData(1024), InlineData(1025), InlineData(65535), InlineData(65536), InlineData(65537), InlineData(300_000)]
    public void WhatWasSealedOpensAsItWas(int size)
    {
        byte[] file = RandomSource.System.PublicBytes(size);
        var (blob, pointer) = Seal(file);
        Assert.Equal(AttachmentFormat.BlobSize((ulong)size), (ulong)blob.Length);
        Assert.Equal(file, Open(blob, pointer, size));
    }

    [Fact]
    public void EachChangedChunkIsRefused()
    {
        var (blob, pointer) = Seal(RandomSource.System.PublicBytes(300_000));
        for (int at = 0; at < blob.Length; at += AttachmentFormat.SealedChunkBytes / 2)
        {
            blob[at] ^= 1;
            Assert.Equal(AttachmentProblem.Damaged, Assert.Throws<AttachmentException>(() => Open(blob, pointer, 300_000)).Problem);
            blob[at] ^= 1;
        }
        Assert.Equal(300_000, Open(blob, pointer, 300_000).Length);
    }

    [Fact]
    public void SwappedChunksAreRefused()
    {
        var (blob, pointer) = Seal(RandomSource.System.PublicBytes(300_000));
        var first = blob.AsSpan(0, AttachmentFormat.SealedChunkBytes);
        var second = blob.AsSpan(AttachmentFormat.SealedChunkBytes, AttachmentFormat.SealedChunkBytes);
        byte[] kept = first.ToArray();
        second.CopyTo(first);
        kept.CopyTo(second);
        Assert.Throws<AttachmentException>(() => Open(blob, pointer, 300_000));
    }

    [Fact]
    public void AFileThatEndsAtAChunkIsNotTheFile()
    {
        // 2 chunks of 3, with sizes that fit each other: only the last-chunk flag tells.
        var (blob, pointer) = Seal(new byte[3 * AttachmentFormat.ChunkBytes]);
        byte[] cut = blob[..(2 * AttachmentFormat.SealedChunkBytes)];
        var forged = pointer with { BlobSize = (ulong)cut.Length, Hash = SHA256.HashData(cut) };
        Assert.Throws<AttachmentException>(() => Open(cut, forged, 2 * AttachmentFormat.ChunkBytes));
    }

    [Fact]
    public void AnUnfinishedBlobIsRefused()
    {
        var (blob, pointer) = Seal(new byte[200_000]);
        using var file = new MemoryStream();
        using var writer = new OpenedWriter(file, 200_000, pointer);
        writer.Write(blob.AsSpan(0, writer.NextChunk));
        Assert.Throws<AttachmentException>(writer.Finish);
    }

    [Fact]
    public void AnotherKeyBlobSizeOrHashIsRefused()
    {
        var (blob, pointer) = Seal(new byte[10_000]);
        Assert.Throws<AttachmentException>(() => Open(blob, pointer with { Key = new byte[32] }, 10_000));
        Assert.Throws<AttachmentException>(() => Open(blob, pointer with { Blob = BlobId.Of(new byte[16]) }, 10_000));
        Assert.Throws<AttachmentException>(() => Open(blob, pointer with { BlobSize = pointer.BlobSize + 1 }, 10_000));
        Assert.Throws<AttachmentException>(() => Open(blob, pointer with { Hash = new byte[32] }, 10_000));
        Assert.Throws<AttachmentException>(() => Open(blob, pointer, 100_000));
    }

    [Fact]
    public void PaddingCostsLessThanAnEighthAndHidesTheSize() => Gen.ULong[1 << 10, 1UL << 34].Sample(size =>
    {
        ulong padded = AttachmentFormat.PaddedSize(size);
        return padded >= size && (padded - size) * 100 < size * 12 && AttachmentFormat.PaddedSize(padded) == padded;
    });

    [Fact]
    public void AFileThatBecomesShorterWhileItIsReadIsRefused()
    {
        using var reader = new SealedReader(new MemoryStream(new byte[10]), 11, Key, Blob);
        Assert.Throws<AttachmentException>(() => reader.Read(new byte[AttachmentFormat.SealedChunkBytes]));
    }

    private static (byte[] Blob, AttachmentPointer Pointer) Seal(byte[] file)
    {
        using var reader = new SealedReader(new MemoryStream(file), (ulong)file.Length, Key, Blob);
        using var blob = new MemoryStream();
        byte[] piece = new byte[2 * AttachmentFormat.SealedChunkBytes];
        while (reader.Read(piece) is > 0 and var length) blob.Write(piece, 0, length);
        return (blob.ToArray(), new AttachmentPointer(Blob, Key, reader.Hash(), (ulong)blob.Length, new byte[32]));
    }

    private static byte[] Open(byte[] blob, AttachmentPointer pointer, int size)
    {
        using var file = new MemoryStream();
        using var writer = new OpenedWriter(file, (ulong)size, pointer);
        for (int at = 0; writer.NextChunk is > 0 and var length; at += length)
        {
            Assert.True(at + length <= blob.Length);
            writer.Write(blob.AsSpan(at, length));
        }
        writer.Finish();
        return file.ToArray();
    }
}
