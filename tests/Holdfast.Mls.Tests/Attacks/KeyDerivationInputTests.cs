using System.Security.Cryptography;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>Inputs whose length does not fit into two bytes are taken whole: the last byte counts, and so does one more.</summary>
public sealed class KeyDerivationInputTests
{
    private static readonly Secret Key = Secret.CopyOf(new byte[32]);

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (string name in Functions.Keys)
                foreach (int size in (int[])[255, 256, (1 << 14) - 1, 1 << 14, (1 << 16) - 1, 1 << 16, (1 << 16) + 1, 1 << 20])
                    cases.Add(name, size);
            return cases;
        }
    }

    private static CipherSuite Suite => CipherSuite.Mandatory;

    private static Dictionary<string, Func<byte[], byte[]>> Functions { get; } = new()
    {
        ["hash"] = input => Suite.Hkdf.Hash(input),
        ["mac"] = input => Suite.Hkdf.Mac(Key.Reveal(), input),
        ["extract"] = input => Suite.Hkdf.Extract([], input).Reveal().ToArray(),
        ["salt"] = input => Suite.Hkdf.Extract(input, Key.Reveal()).Reveal().ToArray(),
        ["expand"] = input => Suite.Hkdf.Expand(Key.Reveal(), input, 32).Reveal().ToArray(),
        ["expand with label"] = input => Suite.ExpandWithLabel(Key, "label", input, 32).Reveal().ToArray(),
        ["reference"] = input => Suite.RefHash("label", input),
        ["export"] = input => Epoch!.Export("label", input, 32).Reveal().ToArray(),
        ["pre-shared key"] = input => Psk(new ExternalPskId("id"u8.ToArray(), new byte[32]), input),
        ["encapsulated info"] = info => Encapsulate(info),
    };

    private static EpochSecrets Epoch { get; } = EpochSecrets.Derive(Suite, Key, out _);

    [Theory, MemberData(nameof(Cases))]
    public void EveryByteCounts(string function, int size)
    {
        byte[] input = new byte[size], last = new byte[size], longer = new byte[size + 1];
        last[^1] = 1;
        var derive = Functions[function];
        byte[][] outputs = [derive(input), derive(last), derive(longer)];
        Assert.Equal(outputs[0], derive(input));
        Assert.Equal(3, outputs.Select(Convert.ToHexString).Distinct().Count());
    }

    [Theory, InlineData(255), InlineData(256), InlineData(257), InlineData(8160)]
    public void AnOutputMayBeAsLongAsTheHashAllows(int length)
    {
        using var expanded = Suite.ExpandWithLabel(Key, "label", [], length);
        using var longer = Suite.ExpandWithLabel(Key, "label", new byte[2000], length);
        Assert.Equal((length, length), (expanded.Length, longer.Length));
        using var kem = Suite.Hpke.Kem.Generate(RandomSource.System);
        using var context = Suite.Hpke.SetupSender(kem.PublicKey.Span, [], RandomSource.System, out byte[] encapsulation)!;
        using var peer = Suite.Hpke.SetupReceiver(kem, encapsulation, [])!;
        using var exported = context.Export("context"u8, length);
        using var same = peer.Export("context"u8, length);
        Assert.Equal(exported.Reveal().ToArray(), same.Reveal().ToArray());
    }

    /// <summary>RFC 5869 §2.3 by the letter, on both sides of the length from which the platform is not asked.</summary>
    [Theory, InlineData(0), InlineData(1023), InlineData(1024), InlineData(1025), InlineData(40_000)]
    public void AnInfoMayBeAsLongAsItIs(int length)
    {
        byte[] info = new byte[length], expected = [], last = [];
        for (byte counter = 1; counter <= 5; counter++)
        {
            last = HMACSHA256.HashData(Key.Reveal(), (byte[])[.. last, .. info, counter]);
            expected = [.. expected, .. last];
        }
        foreach (int size in (int[])[1, 32, 33, 150, 160])
        {
            using var expanded = Suite.Hkdf.Expand(Key.Reveal(), info, size);
            Assert.Equal(expected[..size], expanded.Reveal().ToArray());
        }
    }

    /// <summary>A group's context is an input of its key schedule, and any member may make it long.</summary>
    [Theory, InlineData(1000), InlineData(40_000), InlineData(1 << 20)]
    public void AGroupLivesOnWithAnExtensionAsLongAsThis(int length)
    {
        using var room = Room.Of(3);
        var extension = new Extension(Client.KnownExtension, new byte[length]);
        room.Commit(room[1], new CommitOptions { Proposals = [new GroupContextExtensionsProposal([extension])] });
        room.Say(room[2], "still here");
        room.Add(room[0], room.NewClient("new"));
        room.Say(room[3], "in");
    }

    [Fact]
    public void ALengthThatDoesNotFitIsTheCallersBug() =>
        Assert.All(
            (int[])[8161, 1 << 16], length => Assert.ThrowsAny<ArgumentException>(() => Suite.ExpandWithLabel(Key, "label", [], length)));

    private static byte[] Psk(ExternalPskId id, byte[] key)
    {
        using var secret = Secret.CopyOf(key);
        using var input = PskSecret.Compute(Suite, [new PreSharedKey(id, secret)]);
        return input.Reveal().ToArray();
    }

    /// <summary>What a context whose info is this exports, both ends with the same keys.</summary>
    private static byte[] Encapsulate(byte[] info)
    {
        using var kem = Suite.Hpke.Kem.Import(Key.Reveal());
        using var context = Suite.Hpke.SetupReceiver(kem, kem.PublicKey.Span, info)!;
        using var exported = context.Export([], 32);
        return exported.Reveal().ToArray();
    }
}
