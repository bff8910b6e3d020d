using System.Text;
using Holdfast.Codec;
using Holdfast.Tests;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>The examples of draft-ietf-mimi-content: expectations are from their readable forms, not from our decoder.</summary>
public sealed class ContentVectorTests
{
    private const string Alice = "mimi://example.com/u/alice-smith";
    private const string Bob = "mimi://example.com/u/bob-jones";
    private const string Cathy = "mimi://example.com/u/cathy-washington";
    private const string Room = "mimi://example.com/r/engineering_team";
    private const string Original = "017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4";
    private const string Reply = "015354973c2b65ca937bf1e035ae53a5ab80e947afa43d46920d4202e5cc0b27";

    private static readonly Example[] Examples =
    [
        new("original", Original, "5eed9406c2545547ab6f09f20a18b003", Alice, null, null, null,
            Markdown("Hi everyone, we just shipped release 2.0. __Good  work__!")),
        new("reply", Reply, "11a458c73b8dd2cf404db4b378b8fe4d", Bob, null, Original, null, Markdown("Right on! _Congratulations_ 'all!")),
        new("reaction", "0158c4288911e50a8f6be3f47746b6682f10fd91bc8c05557aa589a3157aff68", "d37bc0e6a8b4f04e9e6382375f587bf6", Cathy,
            null, Original, null, SinglePart.OfText(Disposition.Reaction, "text/plain;charset=utf-8", "\u2764")),
        new("mention", "018d825adf9f6be00dcafc5704c4102f5022e74219d0b603e4ba7622654042af", "04f290e215d0f82d1750bfa8b7dc089d", Cathy,
            null, Original, null, Markdown("Kudos to [@Alice Smith](mimi://example.com/u/alice-smith) for making the release happen!")),
        new("edit", "014028c0deddbdea56bec26172f6ede953d11024cb82b8192b5e2aea62d7fb47", "b8c2e6d8800ecf45df39be6c45f4c042", Bob,
            Reply, Original, null, Markdown("Right on! _Congratulations_ y'all!")),
        new("delete", "011d9efc78d04d4dcf4d82b07d5199bbef37011c1f0c7e004b6111c6dda504b4", "0a590d73b2c7761c39168be5ebf7f2e6", Bob,
            Reply, Original, null, new NullPart(Disposition.Render, "")),
        new("expiring", "01e59db8173939facc2c8a4a0f0ae8d0c7a11a81239626630c9464a8d6717a03", "33be993eb39f418f9295afc2ae160d2d", Alice,
            null, null, new Expiration(false, 1644390004),
            Markdown("__*VPN GOING DOWN*__ I'm rebooting the VPN in ten minutes unless anyone objects.")),
        new("attachment", "0176180c7d19a925021fe446d241134d05c38e0d999cdc0f39c391d2377ed9d1", "18fac6371e4e53f1aeaf8a013155c166", Bob,
            null, null, null, new ExternalPart(
                Disposition.Attachment, "en", "video/mp4", "https://example.com/storage/8ksB4bSrrRE.mp4", 0, 708234961,
                AeadAlgorithm.Aes128Gcm, Hex("21399320958a6f4c745dde670d95e0d8"), Hex("c86cf2c33f21527d1dd76f5b"), default,
                1, Hex("9ab17a8cf0890baaae7ee016c7312fcc080ba46498389458ee44f0276e783163"), "2 hours of key signing video", "bigfile.mp4")),
    ];

    public static TheoryData<string> Names => [.. Examples.Select(example => example.Name)];

    [Theory, MemberData(nameof(Names))]
    public void EachExampleSaysWhatItsReadableFormSays(string name)
    {
        Example example = Find(name);
        var content = MimiContent.Decode(Bytes(name));
        Assert.Equal(example.Salt, Convert.ToHexStringLower(content.Salt.Span));
        Assert.Equal(example.Sender, content.SenderUri);
        Assert.Equal(Room, content.RoomUri);
        Assert.Equal(2, content.Extensions.Count);
        Assert.Equal(example.Replaces, content.Replaces?.ToString());
        Assert.Equal(example.InReplyTo, content.InReplyTo?.ToString());
        Assert.Equal(example.Expires, content.Expires);
        Assert.Equal(0, content.TopicId.Length);
        Assert.Equal(Graph.Describe(example.Body), Graph.Describe(content.Body));
    }

    [Theory, MemberData(nameof(Names))]
    public void EachExampleHasTheIdThatIsStated(string name)
    {
        byte[] bytes = Bytes(name);
        Example example = Find(name);
        Assert.Equal(example.Id, MimiMessageId.Compute(example.Sender, Room, bytes, Hex(example.Salt)).ToString());
    }

    [Theory, MemberData(nameof(Names))]
    public void EachExampleIsWhatWeWouldHaveSent(string name)
    {
        byte[] bytes = Bytes(name);
        Assert.Equal(bytes, MimiContent.Decode(bytes).Encode());
        Assert.Equal(bytes, Find(name).ToContent().Encode());
    }

    /// <summary>Only what an id covers is known of these without the files: a wrong byte anywhere would change it.</summary>
    [Fact]
    public void TheDraftsOtherExamplesHaveTheIdsThatAreStated()
    {
        AssertId("013aadbb8f313253c8930f4e93c6ca54b2ed06d258185bdcec3870534c8a4ec4", new Example("unlike", "", "c5ba86dc9fd272e58ca52ec805b79199", Cathy,
            "0158c4288911e50a8f6be3f47746b6682f10fd91bc8c05557aa589a3157aff68", Original, null, new NullPart(Disposition.Reaction, "")).ToContent());
        AssertId("01496d15a8dba28d7397f9868b70768e4a67f765d5b5b1ae9e03848c5fdeb0ba", MimiContent.Of(Hex("678ac6cd54de049c3e9665cd212470fa"), Alice, Room,
            new ExternalPart(Disposition.Session, "", "", "https://example.com/join/12345", 0, 0, AeadAlgorithm.None, default, default, default, 0, default,
                "Join the Foo 118 conference", "")) with
        { TopicId = Encoding.UTF8.GetBytes("Foo 118") });
        AssertId("01da5a515ec5db42cc4dcc19b90c3c31245d8a1cfcce11318f24eb11dce0990e", MimiContent.Of(Hex("261c953e178af653fe3d42641b91d814"), Alice, Room,
            Multi(PartSemantics.ChooseOne, Markdown("# Welcome!"), new SinglePart(
                Disposition.Render, "", "application/vnd.examplevendor-fancy-im-message", Hex("dc861ebaa718fd7c3ca159f71a2001")))));
        AssertId("01cfebeadbdb83c1eefb6403ba4852daf8bbbf9cd53bf5035a74d5d741950c9f", MimiContent.Of(Hex("b8362793168d18c049b882d4642a2274"), Alice, Room,
            Multi(PartSemantics.ChooseOne, Welcome(5, "image/gif", "dc861ebaa718fd7c3ca159f71a2001a7"), Welcome(10, "image/png", "fa444237451a05a72bb0f67037cc1669"))));
    }

    [Theory, MemberData(nameof(Names))]
    public void EveryPrefixOfAnExampleIsRefused(string name)
    {
        byte[] bytes = Bytes(name);
        for (int length = 0; length < bytes.Length; length++) Assert.Throws<CodecException>(() => MimiContent.Decode(bytes.AsSpan(0, length)));
        Assert.Throws<CodecException>(() => MimiContent.Decode([.. bytes, 0]));
    }

    [Theory, MemberData(nameof(Names))]
    public void EveryBitFlipOfAnExampleIsReadOrRefused(string name)
    {
        byte[] bytes = Bytes(name);
        for (int bit = 0; bit < 8 * bytes.Length; bit++)
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            HostileBytesTests.AssertTame(nameof(MimiContent), flipped);
            if (TryDecode(flipped) is { } content) Assert.Equal(flipped, content.Encode());
        }
    }

    private static MimiContent? TryDecode(byte[] bytes)
    {
        try { return MimiContent.Decode(bytes); }
        catch (CodecException) { return null; }
    }

    private static void AssertId(string id, MimiContent content) =>
        Assert.Equal(id, MimiMessageId.Compute(content.SenderUri!, Room, content.Encode(), content.Salt.Span).ToString());

    private static MultiPart Welcome(int image, string type, string bytes) => Multi(
        PartSemantics.ProcessAll,
        Multi(PartSemantics.ChooseOne, Html("en", "Welcome!", image, "Welcome image"), Html("fr", "Bienvenue!", image, "Image bienvenue")),
        new SinglePart(Disposition.Inline, "", type, Hex(bytes)));

    private static SinglePart Html(string language, string heading, int image, string alt) => SinglePart.OfText(
        Disposition.Render, "text/html;charset=utf-8",
        $"<html><body><h1>{heading}</h1>\n<img src=\"cid:{image}@local.invalid\" alt=\"{alt}\"/>\n</body></html>") with
    { Language = language };

    private static MultiPart Multi(PartSemantics semantics, params NestedPart[] parts) => new(Disposition.Render, "", semantics, parts);

    private static SinglePart Markdown(string text) => SinglePart.OfText(Disposition.Render, "text/markdown;variant=GFM-MIMI", text);

    private static Example Find(string name) => Examples.Single(example => example.Name == name);

    private static byte[] Bytes(string name) => Vectors.Bytes($"mimi-content/{name}.cbor");

    private static byte[] Hex(string hex) => Convert.FromHexString(hex);

    private sealed record Example(string Name, string Id, string Salt, string Sender, string? Replaces, string? InReplyTo, Expiration? Expires, NestedPart Body)
    {
        internal MimiContent ToContent() => MimiContent.Of(Hex(Salt), Sender, Room, Body) with
        {
            Replaces = Reference(Replaces),
            InReplyTo = Reference(InReplyTo),
            Expires = Expires,
        };

        private static MimiMessageId? Reference(string? id) => id is null ? null : MimiMessageId.Of(Hex(id));
    }
}
