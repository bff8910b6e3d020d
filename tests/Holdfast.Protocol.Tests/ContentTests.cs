using CsCheck;
using Holdfast.Codec;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>Content is read back as written, and what a receiver would refuse is not sent.</summary>
public sealed class ContentTests
{
    private static readonly byte[] Salt = Specimens.Bytes(MimiContent.SaltBytes);
    private static readonly string Ann = MimiUri.Of(Pin.FromRandom([1, 2, 3, 4, 5, 6, 7]));
    private static readonly string Room = MimiUri.Of(new LogId(0x1234));

    private static readonly Gen<string> Words = Gen.Char[' ', '\ud7ff'].Array[0, 40].Select(characters => new string(characters));
    private static readonly Gen<byte[]> Bytes = Gen.Byte.Array[0, 80];
    private static readonly Gen<Disposition> Dispositions = Gen.Byte.Select(value => (Disposition)value);
    private static readonly Gen<MimiMessageId?> References = Gen.Select(Gen.Bool, Gen.Byte.Array[31]).Select(
        (any, rest) => any ? MimiMessageId.Of([1, .. rest]) : (MimiMessageId?)null);

    private static readonly Gen<NestedPart> Leaves = Gen.OneOf(
        Gen.Select(Dispositions, Words).Select((disposition, language) => (NestedPart)new NullPart(disposition, language)),
        Gen.Select(Dispositions, Words, Words, Bytes).Select(
            (disposition, language, type, content) => (NestedPart)new SinglePart(disposition, language, type, content)),
        Gen.Select(Words, Gen.UInt, Gen.ULong, Gen.UShort, Bytes, Bytes, Gen.Byte.Array[32], Words).Select(
            (text, expires, size, algorithm, key, nonce, hash, name) => (NestedPart)new ExternalPart(
                Disposition.Attachment, "", text, text, expires, size, (AeadAlgorithm)algorithm, algorithm == 0 ? default : key,
                algorithm == 0 ? default : nonce, default, 1, hash, text, name)));

    private static readonly Gen<ContentExtension[]> Extensions = Gen.Select(Gen.Int[-70_000, 70_000], Words, Gen.ULong, Bytes).Select(
        (number, text, value, bytes) => new[]
        {
            ContentExtension.OfText(ExtensionKey.Named("t" + text), text), ContentExtension.OfNumber(ExtensionKey.Numbered(number < 3 ? number - 4 : number), value),
            ContentExtension.OfBytes(ExtensionKey.DeleteToken, bytes),
        });

    private static readonly Gen<MimiContent> Contents = Gen.Select(Gen.Byte.Array[16], References, References, Bytes, Gen.UInt, Extensions, Parts(4)).Select(
        (salt, replaces, inReplyTo, topic, expires, extensions, body) => extensions.Aggregate(MimiContent.Of(salt, Ann, Room, body), (content, extension) => content.With(extension)) with
        {
            Replaces = replaces,
            InReplyTo = inReplyTo,
            TopicId = topic,
            Expires = expires % 2 == 0 ? null : new Expiration(expires % 3 == 0, expires),
        });

    [Fact]
    public void ContentReadsBackAsWritten() => Contents.Sample(content =>
    {
        byte[] bytes = content.Encode();
        var back = MimiContent.Decode(bytes);
        Assert.Equal(bytes, back.Encode());
        Assert.Equal(Graph.Describe(content with { Extensions = back.Extensions }), Graph.Describe(back));
        Assert.Equal(
            content.Extensions.Select(extension => (extension.Key, Convert.ToHexString(extension.Value.Span))).ToHashSet(),
            back.Extensions.Select(extension => (extension.Key, Convert.ToHexString(extension.Value.Span))).ToHashSet());
    });

    [Fact]
    public void DamagedContentIsReadOrRefused() => Gen.Select(Contents, Gen.Int[0, 5000], Gen.Int[0, 6], Gen.Byte.Array[0, 6]).Sample((content, at, cut, put) =>
    {
        byte[] bytes = content.Encode();
        int start = at % bytes.Length;
        HostileBytesTests.AssertTame(nameof(MimiContent), [.. bytes[..start], .. put, .. bytes[Math.Min(bytes.Length, start + cut)..]]);
    });

    [Fact]
    public void ManySmallThingsCostLittle()
    {
        var part = new SinglePart(Disposition.Render, "a", "a", new byte[1]);
        var content = MimiContent.Of(Salt, "a", "a", Multi([.. Enumerable.Repeat(part, ProtocolLimits.ContentParts - 1)]));
        for (int i = 3; i <= ProtocolLimits.ContentExtensions; i++) content = content.With(ContentExtension.OfNumber(ExtensionKey.Numbered(i), 1));
        HostileBytesTests.AssertTame(nameof(MimiContent), content.Encode());
        HostileBytesTests.AssertTame(nameof(MimiContent), [0x87, 0x50, .. Salt, 0xf6, 0x40, 0xf6, 0xf6, 0xba, 0xff, 0xff, 0xff, 0xff, .. new byte[200_000]]);
        HostileBytesTests.AssertTame(nameof(MimiContent), [.. Enumerable.Repeat((byte)0x81, 250_000)]);
    }

    [Fact]
    public void ATextSaysWhatWasTyped()
    {
        var content = MimiContent.Decode(MimiContent.Text(Salt, Ann, Room, "Grüße, *Bob*").Encode());
        var part = Assert.IsType<SinglePart>(content.Body);
        Assert.Equal(("Grüße, *Bob*", SinglePart.Markdown, Disposition.Render), (part.ReadText(), part.ContentType, part.Disposition));
        Assert.Equal((Ann, Room), (content.SenderUri, content.RoomUri));
    }

    [Fact]
    public void TheLongestTextFits() => Assert.Equal(
        ProtocolLimits.TextBytes,
        Assert.IsType<SinglePart>(MimiContent.Decode(MimiContent.Text(Salt, Ann, Room, new string('x', ProtocolLimits.TextBytes)).Encode()).Body).Content.Length);

    [Fact]
    public void AnAttachmentCarriesWhatOpensIt()
    {
        string url = MimiUri.Of(new BlobId(77));
        var sent = MimiContent.Attachment(
            Salt, Ann, Room, url, 5000, AeadAlgorithm.HoldfastChunks, new byte[32], default, default, Specimens.Bytes(32), "", "plan.pdf", "application/pdf")
            .With(ContentExtension.OfBytes(ExtensionKey.DeleteToken, Specimens.Bytes(32))).With(ContentExtension.OfNumber(ExtensionKey.BlobSize, 5100));
        var content = MimiContent.Decode(sent.Encode());
        Assert.Equal(Graph.Describe(sent.Body), Graph.Describe(content.Body));
        Assert.Equal(new BlobId(77), MimiUri.ReadBlob(Assert.IsType<ExternalPart>(content.Body).Url));
        Assert.Equal(Specimens.Bytes(32), content.Find(ExtensionKey.DeleteToken)!.AsBytes()!.Value.ToArray());
        Assert.Equal(5100ul, content.Find(ExtensionKey.BlobSize)!.AsNumber());
        Assert.Null(content.Find(ExtensionKey.BlobSize)!.AsText());
        Assert.Null(content.Find(ExtensionKey.SentAt));
    }

    [Fact]
    public void WordsThatAreNotUtf8AreRefusedWhenRead() =>
        Assert.Throws<CodecException>(() => new SinglePart(Disposition.Render, "", SinglePart.PlainText, new byte[] { 0xc3 }).ReadText());

    [Fact]
    public void WhatNoReceiverWouldAcceptIsNotSent()
    {
        var good = MimiContent.Text(Salt, Ann, Room, "x");
        var external = new ExternalPart(Disposition.Attachment, "", "", "", 0, 0, AeadAlgorithm.Aes128Gcm, new byte[16], new byte[12], default, 1, new byte[32], "", "");
        Assert.NotEmpty((good with { Body = external }).Encode());
        AssertUnsendable(good with { Salt = new byte[15] });
        AssertUnsendable(good with { TopicId = new byte[ProtocolLimits.ContentTopicBytes + 1] });
        AssertUnsendable(good.With(ContentExtension.OfText(ExtensionKey.SenderUri, "again")));
        AssertUnsendable(good.With(ContentExtension.OfText(ExtensionKey.Numbered(0), "reserved")));
        AssertUnsendable(good.With(ContentExtension.OfText(ExtensionKey.Numbered(1L << 53), "no double holds it")));
        AssertUnsendable(good.With(ContentExtension.OfText(ExtensionKey.Named(""), "no name")));
        AssertUnsendable(good.With(ContentExtension.OfText(ExtensionKey.Named(new string('n', 256)), "long name")));
        AssertUnsendable(good with { Extensions = [ContentExtension.OfNumber(ExtensionKey.RoomUri, 1)] });
        AssertUnsendable(good with { Extensions = [.. Enumerable.Range(1, 33).Select(i => ContentExtension.OfText(ExtensionKey.Numbered(-i), ""))] });
        AssertUnsendable(good with { Body = external with { EncAlg = AeadAlgorithm.None } });
        AssertUnsendable(good with { Body = external with { ContentHash = new byte[31] } });
        AssertUnsendable(good with { Body = external with { HashAlg = 0 } });
        AssertUnsendable(good with { Body = external with { FileName = new string('n', ProtocolLimits.NameBytes + 1) } });
        AssertUnsendable(good with { Body = external with { Url = new string('u', ProtocolLimits.ContentFieldBytes + 1) } });
        AssertUnsendable(MimiContent.Text(Salt, Ann, Room, new string('x', ProtocolLimits.ContentBytes)));
        Assert.ThrowsAny<ArgumentException>(() => MimiContent.Text(Salt, Ann, Room, "half a pair: " + (char)0xd800));
    }

    [Fact]
    public void PartsAreNeitherTooDeepNorTooManyNorAlone()
    {
        NestedPart leaf = new NullPart(Disposition.Render, ""), four = Multi([Multi([Multi([leaf, leaf]), leaf]), leaf]);
        Assert.NotEmpty(MimiContent.Of(Salt, Ann, Room, four).Encode());
        AssertUnsendable(MimiContent.Of(Salt, Ann, Room, Multi([four, leaf])));
        Assert.NotEmpty(MimiContent.Of(Salt, Ann, Room, Multi([.. Enumerable.Repeat(leaf, 63)])).Encode());
        AssertUnsendable(MimiContent.Of(Salt, Ann, Room, Multi([.. Enumerable.Repeat(leaf, 64)])));
        AssertUnsendable(MimiContent.Of(Salt, Ann, Room, Multi([leaf])));
        AssertUnsendable(MimiContent.Of(Salt, Ann, Room, Multi([leaf, leaf]) with { Semantics = (PartSemantics)3 }));
    }

    [Fact]
    public void OurUrisReadBackAndNameNoServer()
    {
        Pin pin = Pin.FromRandom([1, 2, 3, 4, 5, 6, 7]);
        Assert.Equal(pin, MimiUri.ReadPerson(MimiUri.Of(pin)));
        Assert.Equal(new LogId(5), MimiUri.ReadConversation(MimiUri.Of(new LogId(5))));
        Assert.Equal(new BlobId(5), MimiUri.ReadBlob(MimiUri.Of(new BlobId(5))));
        Assert.All([MimiUri.Of(pin), MimiUri.Of(new LogId(5)), MimiUri.Of(new BlobId(5))], uri => Assert.Equal("holdfast", new Uri(uri).Host));
        Assert.Null(MimiUri.ReadPerson(MimiUri.Of(new LogId(5))));
        Assert.Null(MimiUri.ReadPerson(MimiUri.Of(pin).ToLowerInvariant()));
        Assert.Null(MimiUri.ReadConversation(MimiUri.Of(new LogId(10)).ToUpperInvariant()));
        Assert.Null(MimiUri.ReadBlob("https://example.com/b/00000000000000000000000000000005"));
    }

    [Theory, InlineData(0, 1), InlineData(31, 1), InlineData(33, 1), InlineData(32, 2), InlineData(32, 0)]
    public void AMessageIdHasItsSizeAndAKnownHash(int size, byte algorithm)
    {
        var bytes = new byte[size];
        if (size > 0) bytes[0] = algorithm;
        Assert.Throws<CodecException>(() => MimiMessageId.Of(bytes));
    }

    private static Gen<NestedPart> Parts(int depth) => depth == 1
        ? Leaves
        : Gen.Bool.SelectMany(nest => nest
            ? Gen.Select(Dispositions, Words, Gen.Byte[0, 2], Parts(depth - 1).Array[2, 3]).Select(
                (disposition, language, semantics, parts) => (NestedPart)new MultiPart(disposition, language, (PartSemantics)semantics, parts))
            : Leaves);

    private static MultiPart Multi(NestedPart[] parts) => new(Disposition.Render, "", PartSemantics.ProcessAll, parts);

    private static void AssertUnsendable(MimiContent content) => Assert.Throws<InvalidOperationException>(content.Encode);
}
