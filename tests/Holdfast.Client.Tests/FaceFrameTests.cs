using System.Buffers.Binary;
using System.Text;

namespace Holdfast.Client.Tests;

public sealed class FaceFrameTests
{
    [Fact]
    public async Task ACommandReadsBackAsWritten()
    {
        using var stream = new MemoryStream();
        await FaceFrame.WriteAsync(stream, new UnlockCommand([1, 2, 3]), FaceJson.Default.FaceCommand, TestContext.Current.CancellationToken);
        await FaceFrame.WriteAsync(stream, new TextLines(["a", "ü\n\"", ""], true), FaceJson.Default.FaceCommand, TestContext.Current.CancellationToken);
        stream.Position = 0;
        Assert.Equal([1, 2, 3], Assert.IsType<UnlockCommand>(await ReadAsync(stream)).Passcode);
        Assert.Equal(["a", "ü\n\"", ""], Assert.IsType<TextLines>(await ReadAsync(stream)).Texts);
        Assert.Null(await ReadAsync(stream));
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(FaceFrame.MaxBytes + 1), InlineData(int.MaxValue)]
    public async Task ALengthOutOfBoundsIsRefusedBeforeAnythingIsAllocated(int length)
    {
        byte[] header = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(header, length);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new MemoryStream(header)));
    }

    [Theory, InlineData("{}"), InlineData("null"), InlineData("[]"), InlineData("{\"type\":\"no-such\"}"), InlineData("{\"type\":\"unlock\",\"passcode\":5}"), InlineData("\u0001")]
    public async Task WhatIsNoCommandIsRefused(string json) => await Assert.ThrowsAnyAsync<InvalidDataException>(() => ReadAsync(Frame(json)));

    [Fact]
    public async Task AFrameThatBreaksOffIsAHangUp()
    {
        var whole = Frame("{\"type\":\"status\"}").ToArray();
        for (int length = 0; length < whole.Length; length++) Assert.Null(await ReadAsync(new MemoryStream(whole, 0, length)));
    }

    private static MemoryStream Frame(string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json), frame = new byte[4 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, bytes.Length);
        bytes.CopyTo(frame, 4);
        return new MemoryStream(frame);
    }

    private static async Task<FaceCommand?> ReadAsync(Stream stream) =>
        await FaceFrame.ReadAsync(stream, FaceJson.Default.FaceCommand, TestContext.Current.CancellationToken);
}
