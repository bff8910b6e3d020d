using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Pipelines;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Connections;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

/// <summary>The server's end of a WebSocket (RFC 6455), byte by byte.</summary>
public sealed class WebSocketTests : IDisposable
{
    private static readonly int[] PostSizes = [100, 120, 126, 70_000, 1], FrameSizes = [3, 125, 126, 4000, 10];

    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 64 << 20, resumeWriterThreshold: 32 << 20));
    private readonly Outbound _outbound = new(limit: 1 << 20);
    private readonly FrameReader _reader;

    public WebSocketTests() => _reader = new FrameReader(_pipe.Reader.AsStream(), _outbound, static _ => { });

    public void Dispose() => _reader.Dispose();

    [Theory, InlineData(1), InlineData(7), InlineData(100_000)]
    public async Task AMessageIsReadHoweverItArrives(int at)
    {
        var posts = PostSizes.Select(size => new SubmitPost(1, Posts.Application(LogId.Of(new byte[16]), 3, size))).ToList();
        byte[] bytes = [.. posts.SelectMany(post => Client(Opcode.Binary, Tls.Encode<ClientFrame>(post)))];
        foreach (byte[] part in bytes.Chunk(at)) await WriteAsync(part);
        foreach (var post in posts) Assert.Equal(Tls.Encode<ClientFrame>(post), Tls.Encode<ClientFrame>(Assert.IsType<SubmitPost>(await ReadAsync())));
    }

    [Fact]
    public async Task AMessageMayComeInPartsWithControlFramesBetween()
    {
        byte[] message = Tls.Encode<ClientFrame>(new ReadInbox(5));
        await WriteAsync([
            .. Client(Opcode.Binary, message.AsSpan(0, 2), isLast: false), .. Client(Opcode.Ping, "a"u8), .. Client(Opcode.Continuation, [], isLast: false),
            .. Client(Opcode.Pong, "b"u8), .. Client(Opcode.Continuation, message.AsSpan(2)), .. Client(Opcode.Binary, message), .. Client(Opcode.Close, [])]);
        Assert.Equal(new ReadInbox(5), await ReadAsync());
        Assert.Equal(new ReadInbox(5), await ReadAsync());
        Assert.Null(await ReadAsync());
        Assert.True(_outbound.TryTake(out var parcel));
        Assert.Equal([0x8a, 1, (byte)'a'], parcel.Buffer[..parcel.Length]);
    }

    [Fact]
    public async Task APartOfAFrameIsNoEnd()
    {
        byte[] whole = Client(Opcode.Binary, Tls.Encode<ClientFrame>(new ReadInbox(5)));
        await WriteAsync(whole[..^1]);
        var reading = ReadAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => reading.WaitAsync(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken));
        await WriteAsync(whole[^1..]);
        Assert.Equal(new ReadInbox(5), await reading);
    }

    [Fact]
    public async Task APeerThatGoesWithoutClosingIsNoPeerThatClosed()
    {
        await _pipe.Writer.CompleteAsync();
        await Assert.ThrowsAsync<EndOfStreamException>(ReadAsync);
    }

    [Theory]
    [InlineData("8205", "not masked")]
    [InlineData("c28500000000", "a reserved bit")]
    [InlineData("818500000000", "text")]
    [InlineData("838500000000", "an opcode that there is not")]
    [InlineData("8b8500000000", "a control frame that there is not")]
    [InlineData("098000000000", "a ping in parts")]
    [InlineData("89fe007e00000000", "a long ping")]
    [InlineData("82fe007d00000000", "a length of two bytes that one would say")]
    [InlineData("82ff000000000000ffff00000000", "a length of eight bytes that two would say")]
    [InlineData("808100000000", "a part of nothing")]
    [InlineData("02810000000007 828100000000", "a message before the last has ended")]
    public async Task WhatTheRfcDoesNotAllowIsMalformed(string bytes, string why)
    {
        await WriteAsync([.. Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), 0, 0, 0, 0, 0]);
        var refusal = await Assert.ThrowsAsync<RefusalException>(ReadAsync);
        Assert.True(refusal.Code == RefusalCode.Malformed, why);
    }

    [Theory, InlineData(ProtocolLimits.FrameBytes + 1ul), InlineData(uint.MaxValue), InlineData(ulong.MaxValue)]
    public async Task WhatAnnouncesMoreThanTheLimitIsRefusedBeforeItComes(ulong length)
    {
        byte[] header = [0x82, 0xff, .. new byte[12]];
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(2), length);
        await WriteAsync(header);
        Assert.Equal(RefusalCode.TooLarge, (await Assert.ThrowsAsync<RefusalException>(ReadAsync)).Code);
    }

    [Fact]
    public async Task PartsThatAreTogetherOverTheLimitAreTooLarge()
    {
        byte[] half = new byte[(ProtocolLimits.FrameBytes / 2) + 1];
        await WriteAsync([.. Client(Opcode.Binary, half, isLast: false), .. Client(Opcode.Continuation, half, isLast: false)]);
        Assert.Equal(RefusalCode.TooLarge, (await Assert.ThrowsAsync<RefusalException>(ReadAsync)).Code);
    }

    [Fact]
    public void AllThatWaitsLeavesTogetherInOrder()
    {
        byte[][] frames = [.. FrameSizes.Select(RandomSource.System.PublicBytes)];
        foreach (byte[] frame in frames) _outbound.Answer(frame);
        _outbound.Ping();
        Assert.True(_outbound.TryTake(out var parcel));
        Assert.Equal([0x89, 0, .. frames.SelectMany(Server)], parcel.Buffer[..parcel.Length]);
        Assert.Equal(frames.Sum(frame => frame.Length), parcel.ContentBytes);
        Assert.False(_outbound.TryTake(out _));
    }

    [Theory, InlineData(20_000), InlineData(70_000), InlineData(3_000_000)]
    public void WhatIsLargeGoesAloneAndKeepsItsPlace(int size)
    {
        byte[] small = [1, 2, 3], large = RandomSource.System.PublicBytes(size);
        foreach (byte[] frame in new[] { small, large, large, small }) _outbound.Answer(frame);
        var sent = new List<byte>();
        while (_outbound.TryTake(out var parcel)) sent.AddRange([.. parcel.Buffer[..parcel.Length], .. parcel.Large.Span]);
        Assert.Equal([.. Server(small), .. Server(large), .. Server(large), .. Server(small)], sent);
    }

    [Fact]
    public void OfManyPingsTheLastIsAnswered()
    {
        for (byte i = 0; i < 100; i++) _outbound.Pong([i]);
        Assert.True(_outbound.TryTake(out var parcel));
        Assert.Equal([0x8a, 1, 99], parcel.Buffer[..parcel.Length]);
        Assert.False(_outbound.TryTake(out _));
    }

    [Fact]
    public async Task WhoWaitsIsWokenByWhateverIsToBeDone()
    {
        foreach (var wake in new Action[] { () => _outbound.Answer(new byte[1]), _outbound.Ping, () => _outbound.Pong([]), _outbound.Complete })
        {
            var waiting = _outbound.WaitAsync().AsTask();
            Assert.False(waiting.IsCompleted);
            wake();
            await waiting.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            await _outbound.WaitAsync();   // until it is taken there is something to do
            while (_outbound.TryTake(out _)) continue;
        }
    }

    [Fact]
    public async Task ASilentPeerIsAskedAndThenLeft()
    {
        var gone = new TaskCompletionSource();
        using var alive = new KeepAlive(_reader, _outbound, () => gone.TrySetResult(), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));
        await _outbound.WaitAsync();
        Assert.True(_outbound.TryTake(out var parcel));
        Assert.Equal([0x89, 0], parcel.Buffer[..parcel.Length]);
        await gone.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task WhatComesEndsTheSilence()
    {
        await Task.Delay(200, TestContext.Current.CancellationToken);
        var before = _reader.Silence;
        await WriteAsync([.. Client(Opcode.Pong, []), .. Client(Opcode.Close, [])]);
        var waited = Stopwatch.StartNew();
        Assert.Null(await ReadAsync());
        Assert.InRange(before, TimeSpan.FromMilliseconds(100), TimeSpan.MaxValue);
        Assert.InRange(_reader.Silence, TimeSpan.Zero, waited.Elapsed + TimeSpan.FromMilliseconds(50));   // the clock's steps
    }

    private static byte[] Client(Opcode opcode, ReadOnlySpan<byte> content, bool isLast = true)
    {
        byte[] mask = RandomSource.System.PublicBytes(4);
        var header = new byte[WebSocketFrame.MostBytes];
        header = header[..WebSocketFrame.Write(header, opcode, content.Length)];
        if (!isLast) header[0] &= 0x7f;
        header[1] |= 0x80;
        byte[] masked = content.ToArray();
        for (int i = 0; i < masked.Length; i++) masked[i] ^= mask[i % 4];
        return [.. header, .. mask, .. masked];
    }

    private static byte[] Server(byte[] content) => content.Length switch
    {
        <= 125 => [0x82, (byte)content.Length, .. content],
        <= ushort.MaxValue => [0x82, 126, (byte)(content.Length >> 8), (byte)(content.Length & 0xff), .. content],
        _ => [0x82, 127, 0, 0, 0, 0, 0, (byte)(content.Length >> 16), (byte)((content.Length >> 8) & 0xff), (byte)(content.Length & 0xff), .. content],
    };

    private async Task WriteAsync(byte[] bytes) => await _pipe.Writer.WriteAsync(bytes, TestContext.Current.CancellationToken);

    private async Task<ClientFrame?> ReadAsync() => await _reader.ReadAsync(TestContext.Current.CancellationToken);
}
