using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class MlsMessageTests
{
    private readonly byte[] _message = new Epoch().Private(new ApplicationContent("hello"u8.ToArray()));

    [Theory, InlineData(0), InlineData(2), InlineData(0x0100)]
    public void AnotherProtocolVersionIsRefused(int version) =>
        AssertRefused([(byte)(version >> 8), (byte)(version & 0xff), .. _message[2..]]);

    [Theory, InlineData(0), InlineData(6), InlineData(0xF000)]
    public void AnUnknownWireFormatIsRefused(int format) =>
        AssertRefused([.. _message[..2], (byte)(format >> 8), (byte)(format & 0xff), .. _message[4..]]);

    [Theory, InlineData(0), InlineData(4), InlineData(255)]
    public void AnUnknownContentTypeIsRefused(byte type)
    {
        byte[] message = [.. _message];
        message[4 + 1 + Epoch.GroupId.Length + 8] = type;   // header, group id with its length, epoch
        AssertRefused(message);
    }

    [Fact]
    public void AMessageOverALimitIsRefusedAndOneAtTheLimitIsNot()
    {
        AssertRefused(Tls.Encode(new MlsMessage(Private(groupId: MlsLimits.MaxGroupIdSize + 1))));
        AssertRefused(Tls.Encode(new MlsMessage(Private(authenticatedData: MlsLimits.MaxAuthenticatedDataSize + 1))));
        AssertRefused(Tls.Encode(new MlsMessage(Private(ciphertext: MlsLimits.MaxMessageSize))));
        Tls.Decode<MlsMessage>(Tls.Encode(new MlsMessage(Private(MlsLimits.MaxGroupIdSize, MlsLimits.MaxAuthenticatedDataSize))));
    }

    [Fact]
    public void AuthenticatedContentIsFramedAsAMessage()
    {
        byte[] encoded = Tls.Encode(new Epoch().Signed(WireFormat.PrivateMessage, new ApplicationContent(default)));
        Tls.Decode<AuthenticatedContent>(encoded);
        encoded[1] = (byte)WireFormat.Welcome;
        Assert.Throws<CodecException>(() => Tls.Decode<AuthenticatedContent>(encoded));
    }

    private static PrivateMessage Private(int groupId = 0, int authenticatedData = 0, int ciphertext = 0) =>
        new(new byte[groupId], 0, ContentType.Application, new byte[authenticatedData], default, new byte[ciphertext]);

    private static void AssertRefused(byte[] message) => Assert.Throws<CodecException>(() => Tls.Decode<MlsMessage>(message));
}
