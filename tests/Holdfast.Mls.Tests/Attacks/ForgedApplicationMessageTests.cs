using Holdfast.Codec;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §6.3.1: application messages of members that lie in one thing, to a group, one by one and many at once.</summary>
public sealed class ForgedApplicationMessageTests : IDisposable
{
    private readonly Room _room = Room.Of(3);

    private Client Rogue => _room[1];

    public void Dispose() => _room.Dispose();

    [Theory, InlineData(0), InlineData(1), InlineData(15), InlineData(1000)]
    public void AnyNumberOfZerosIsPadding(int count) =>
        Assert.Equal("padded", _room[0].HearText(Forgery.Application(Rogue, "padded", plaintext => [.. plaintext, .. new byte[count]])));

    [Theory, InlineData(0), InlineData(5), InlineData(9)]
    public void PaddingThatIsNotAllZeroIsRefused(int at)
    {
        byte[] padding = new byte[10];
        padding[at] = 1;
        Refused(MlsError.Malformed, plaintext => [.. plaintext, .. padding]);
    }

    [Fact]
    public void AContentThatEndsEarlyIsRefused()
    {
        Refused(MlsError.Malformed, static plaintext => plaintext[..^1]);
        Refused(MlsError.Malformed, static plaintext => plaintext[..4]);
        Refused(MlsError.Malformed, static _ => []);
    }

    [Fact]
    public void ATextOrSignatureThatWasNotSignedIsRefused()
    {
        Refused(MlsError.InvalidSignature, static plaintext => Flip(plaintext, 1));
        Refused(MlsError.InvalidSignature, static plaintext => Flip(plaintext, plaintext.Length - 1));
    }

    [Fact]
    public void ASignatureOverItsLimitIsRefused() => Refused(MlsError.Malformed, static plaintext =>
    {
        using var longer = new TlsWriter();
        longer.WriteOpaque("hello"u8);
        longer.WriteOpaque(new byte[MlsLimits.MaxSignatureSize + 1]);
        return longer.ToArray();
    });

    [Fact]
    public void BytesBehindTheMessageAreRefused() =>
        Refused([.. Rogue.Group.Protect("hello"u8, default, _room.Random).Message, 0], MlsError.Malformed);

    [Fact]
    public void EachFieldIsReadUpToItsLimit()
    {
        var message = Tls.Decode<MlsMessage>(Forgery.Application(Rogue, "hello", static plaintext => plaintext)).PrivateMessage!;
        Refused(message with { AuthenticatedData = new byte[MlsLimits.MaxAuthenticatedDataSize + 1] }, MlsError.Malformed);
        Refused(message with { AuthenticatedData = new byte[MlsLimits.MaxAuthenticatedDataSize] }, MlsError.Undecryptable);
        Refused(message with { EncryptedSenderData = new byte[MlsLimits.MaxHashSize + 1] }, MlsError.Malformed);
        Refused(message with { EncryptedSenderData = new byte[MlsLimits.MaxHashSize] }, MlsError.Undecryptable);
        const int Half = MlsLimits.MaxMessageSize / 2;
        int around = Tls.Encode(new MlsMessage(message with { Ciphertext = new byte[Half] })).Length - Half;
        Refused(message with { Ciphertext = new byte[MlsLimits.MaxMessageSize - around + 1] }, MlsError.Malformed);
        Refused(message with { Ciphertext = new byte[MlsLimits.MaxMessageSize - around] }, MlsError.Undecryptable);
    }

    /// <summary>The version and the kind of a message stand before what its cipher protects.</summary>
    [Fact]
    public void AnotherVersionOrWireFormatIsRefused()
    {
        byte[] message = Forgery.Application(Rogue, "hello", static plaintext => plaintext);
        Refused([0, 2, .. message[2..]], MlsError.Malformed);
        Refused([0, 1, 0, 9, .. message[4..]], MlsError.Malformed);
    }

    [Fact]
    public void NothingIsReadInAGroupThatWasClosed()
    {
        foreach (var member in _room.Members) member.Policy = member.Policy with { AcceptProposal = static (_, _) => true };
        foreach (var member in _room.Members) member.Restart();
        _room.Commit(
            _room[0],
            new CommitOptions { Proposals = [new ReInitProposal("next"u8.ToArray(), ProtocolVersion.Mls10, Rogue.Suite.Id, [])] });
        byte[] message = Forgery.Application(Rogue, "hello", static plaintext => plaintext);
        _room[0].Refuse(message, MlsError.GroupClosed);
        var outcomes = _room[0].Group.HandleBatch([.. Enumerable.Repeat<ReadOnlyMemory<byte>>(message, 40)]);
        Assert.All(outcomes, outcome => Assert.Equal(MlsError.GroupClosed, Assert.IsType<Handled.Rejected>(outcome).Error));
    }

    private static byte[] Flip(byte[] plaintext, int at)
    {
        plaintext[at] ^= 1;
        return plaintext;
    }

    private void Refused(PrivateMessage message, MlsError error) => Refused(Tls.Encode(new MlsMessage(message)), error);

    private void Refused(MlsError error, Func<byte[], byte[]> change) => Refused(Forgery.Application(Rogue, "hello", change), error);

    /// <summary>Refused by itself and among others, which are read; and nothing is spent by it.</summary>
    private void Refused(byte[] message, MlsError error)
    {
        _room[0].Refuse(message, error);
        List<byte[]> others = [.. Enumerable.Range(0, 30).Select(i => _room[2].Say($"{i}"))];
        ReadOnlyMemory<byte>[] batch = [.. others[..15], message, .. others[15..]];
        var outcomes = _room[0].Group.HandleBatch(batch);
        Assert.Equal(
            error, Assert.IsType<Handled.Rejected>(Assert.Single(outcomes, outcome => outcome is not Handled.ApplicationReceived)).Error);
        outcomes.OfType<Handled.ApplicationReceived>().Last().Next.Dispose();
        foreach (byte[] other in others) _room[0].Hear(other);
        Assert.Equal("genuine", _room[0].HearText(Rogue.Say("genuine")));
    }
}
