using System.Buffers.Binary;
using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;

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

    /// <summary>A key's id is no secret. What is, is wiped, and only memory that stays where it is has no other copy.</summary>
    [Fact]
    public void EverySecretOfACommandIsReadIntoMemoryThatStaysWhereItIs()
    {
        var secrets = typeof(FaceCommand).Assembly.GetTypes().Where(static type => type.IsAssignableTo(typeof(FaceCommand)))
            .SelectMany(static type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(static property => property.PropertyType == typeof(byte[]) && property.Name != nameof(AddTokenCommand.Key)).ToList();
        Assert.Contains(secrets, static property => property.DeclaringType == typeof(UnlockCommand));
        Assert.All(secrets, static property =>
            Assert.Equal(typeof(PinnedBytesConverter), property.GetCustomAttribute<JsonConverterAttribute>()?.ConverterType));
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
