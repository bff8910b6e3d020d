using System.Runtime.CompilerServices;
using CsCheck;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>HPKE in base mode against RFC 9180 Appendix A.1.1, and what it refuses.</summary>
public sealed class HpkeTests
{
    private const string SenderMaterial = "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234";
    private const string SenderPrivate = "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736";
    private const string Encapsulation = "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431";
    private const string ReceiverMaterial = "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037";
    private const string ReceiverPrivate = "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
    private const string ReceiverPublic = "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
    private const string SharedSecret = "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc";

    private static readonly byte[] Info = "Ode on a Grecian Urn"u8.ToArray();
    private static readonly byte[] Plaintext = "Beauty is truth, truth beauty"u8.ToArray();

    private static readonly Dictionary<int, string> Ciphertexts = new()
    {
        [0] = "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
        [1] = "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84",
        [2] = "498dfcabd92e8acedc281e85af1cb4e3e31c7dc394a1ca20e173cb72516491588d96a19ad4a683518973dcc180",
        [4] = "583bd32bc67a5994bb8ceaca813d369bca7b2a42408cddef5e22f880b631215a09fc0012bc69fccaa251c0246d",
        [255] = "7175db9717964058640a3a11fb9007941a5d1757fda1a6935c805c21af32505bf106deefec4a49ac38d71c9e0a",
        [256] = "957f9800542b0b8891badb026d79cc54597cb2d225b54c00c5238c25d05c30e3fbeda97d2e0e1aba483a2df9f2",
    };

    private static HpkeSuite Suite => CipherSuite.Mandatory.Hpke;

    [Theory]
    [InlineData(SenderMaterial, SenderPrivate, Encapsulation)]
    [InlineData(ReceiverMaterial, ReceiverPrivate, ReceiverPublic)]
    public void AKeyPairIsDerivedAsTheRfcSays(string material, string privateKey, string publicKey)
    {
        using var key = Suite.Kem.DeriveKeyPair(Bytes(material));
        Assert.Equal(privateKey, Convert.ToHexStringLower(key.RevealPrivateKey()));
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey.Span));
    }

    [Fact]
    public void BothSidesReachTheSharedSecretOfTheRfc()
    {
        using var sent = Suite.Kem.Encapsulate(Bytes(ReceiverPublic), new FixedRandom(Bytes(SenderPrivate)), out byte[] encapsulation);
        Assert.Equal(Encapsulation, Convert.ToHexStringLower(encapsulation));
        Assert.Equal(SharedSecret, Convert.ToHexStringLower(sent!.Reveal()));
        using var key = Suite.Kem.Import(Bytes(ReceiverPrivate));
        using var received = key.Decapsulate(encapsulation);
        Assert.Equal(SharedSecret, Convert.ToHexStringLower(received!.Reveal()));
    }

    [Fact]
    public void SealsEveryMessageOfTheRfc()
    {
        using var sender = Sender();
        int compared = 0;
        for (int sequence = 0; sequence <= 256; sequence++)
        {
            byte[] ciphertext = sender.Seal(Associated(sequence), Plaintext);
            if (!Ciphertexts.TryGetValue(sequence, out string? expected)) continue;
            Assert.Equal(expected, Convert.ToHexStringLower(ciphertext));
            compared++;
        }
        Assert.Equal(Ciphertexts.Count, compared);
    }

    [Fact]
    public void OpensEveryMessageOfTheRfc()
    {
        using var sender = Sender();
        using var receiver = Receiver();
        for (int sequence = 0; sequence <= 256; sequence++)
        {
            byte[] ciphertext = sender.Seal(Associated(sequence), Plaintext);
            if (Ciphertexts.TryGetValue(sequence, out string? published)) ciphertext = Bytes(published);
            using var opened = receiver.Open(Associated(sequence), ciphertext);
            Assert.Equal(Plaintext, opened!.Reveal().ToArray());
        }
    }

    [Theory]
    [InlineData("", "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee")]
    [InlineData("00", "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5")]
    [InlineData("54657374436f6e74657874", "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931")]
    public void BothSidesExportWhatTheRfcSays(string context, string expected)
    {
        using var sender = Sender();
        using var receiver = Receiver();
        using var sent = sender.Export(Bytes(context), 32);
        using var received = receiver.Export(Bytes(context), 32);
        Assert.Equal(expected, Convert.ToHexStringLower(sent.Reveal()));
        Assert.Equal(expected, Convert.ToHexStringLower(received.Reveal()));
    }

    [Fact]
    public void AForgeryIsRefusedAndTheSequenceStays()
    {
        using var receiver = Receiver();
        byte[] forged = Bytes(Ciphertexts[0]);
        forged[^1] ^= 1;
        Assert.Null(receiver.Open(Associated(0), forged));
        Assert.Null(receiver.Open(Associated(1), Bytes(Ciphertexts[0])));
        Assert.Null(receiver.Open(Associated(0), Bytes(Ciphertexts[1])));
        Assert.Null(receiver.Open(Associated(0), new byte[Aead.TagSize - 1]));
        Assert.NotNull(receiver.Open(Associated(0), Bytes(Ciphertexts[0])));
    }

    [Fact]
    public void AMessageOpensOnlyWithItsOwnKeyInfoAndAssociatedData()
    {
        using var key = Suite.Kem.Import(Bytes(ReceiverPrivate));
        using var other = Suite.Kem.Generate(RandomSource.System);
        byte[] encapsulation = Bytes(Encapsulation), ciphertext = Bytes(Ciphertexts[0]);
        using var opened = Suite.Open(key, encapsulation, Info, Associated(0), ciphertext);
        Assert.Equal(Plaintext, opened!.Reveal().ToArray());
        Assert.Null(Suite.Open(other, encapsulation, Info, Associated(0), ciphertext));
        Assert.Null(Suite.Open(key, encapsulation, [], Associated(0), ciphertext));
        Assert.Null(Suite.Open(key, encapsulation, Info, [], ciphertext));
        Assert.Null(Suite.Open(key, other.PublicKey.Span, Info, Associated(0), ciphertext));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf44")]
    [InlineData("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf443100")]
    public void APublicKeyThatContributesNothingOrHasAWrongSizeIsRefused(string hex)
    {
        byte[] publicKey = Bytes(hex);
        using var key = Suite.Kem.Import(Bytes(ReceiverPrivate));
        Assert.False(Suite.Kem.IsValidPublicKey(publicKey));
        Assert.Null(Suite.Kem.Encapsulate(publicKey, RandomSource.System, out _));
        Assert.Null(key.Decapsulate(publicKey));
        Assert.Null(Suite.Seal(publicKey, Info, [], Plaintext, RandomSource.System));
        Assert.Null(Suite.SetupSender(publicKey, Info, RandomSource.System, out _));
        Assert.Null(Suite.SetupReceiver(key, publicKey, Info));
        Assert.Null(Suite.Open(key, publicKey, Info, [], new byte[32]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void APrivateKeyOfAWrongSizeIsTheCallersBug(int size) =>
        Assert.Throws<ArgumentException>(() => Suite.Kem.Import(new byte[size]));

    [Fact]
    public void WhatIsSealedOpens() => Gen.Select(Gen.Byte.Array[0, 100], Gen.Byte.Array[0, 100], Gen.Byte.Array[0, 1000]).Sample(
        (info, associated, plaintext) =>
        {
            using var key = Suite.Kem.Generate(RandomSource.System);
            var message = Suite.Seal(key.PublicKey.Span, info, associated, plaintext, RandomSource.System)!;
            using var opened = Suite.Open(key, message.Encapsulation.Span, info, associated, message.Ciphertext.Span);
            Assert.Equal(plaintext, opened!.Reveal().ToArray());
        });

    [Fact]
    public void TheLastSequenceNumberIsNeverUsed()
    {
        using var sender = Sender();
        using var receiver = Receiver();
        Sequence(sender) = Sequence(receiver) = ulong.MaxValue - 1;
        byte[] last = sender.Seal([], Plaintext);
        Assert.NotNull(receiver.Open([], last));
        Assert.Throws<InvalidOperationException>(() => sender.Seal([], Plaintext));
        Assert.Throws<InvalidOperationException>(() => receiver.Open([], last));
    }

    [Fact]
    public void ADisposedContextDoesNothing()
    {
        var sender = Sender();
        sender.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sender.Seal([], Plaintext));
        Assert.Throws<ObjectDisposedException>(() => sender.Export([], 32));
    }

    private static HpkeContext Sender() =>
        Suite.SetupSender(Bytes(ReceiverPublic), Info, new FixedRandom(Bytes(SenderPrivate)), out _)!;

    private static HpkeContext Receiver()
    {
        using var key = Suite.Kem.Import(Bytes(ReceiverPrivate));
        return Suite.SetupReceiver(key, Bytes(Encapsulation), Info)!;
    }

    private static byte[] Associated(int sequence) => [.. "Count-"u8, .. System.Text.Encoding.ASCII.GetBytes($"{sequence}")];

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sequence")]
    private static extern ref ulong Sequence(HpkeContext context);
}
