using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §8 KDFLabel, which is written in two ways: short vectors on the stack.</summary>
public sealed class KdfLabelTests
{
    [Fact]
    public void TheLabelIsTheSameOnBothSidesOfALengthOfOneByte()
    {
        var suite = CipherSuite.Mandatory;
        byte[] secret = new byte[suite.Hkdf.HashSize], output = new byte[16], expected = new byte[16];
        foreach (int labelSize in (int[])[0, 1, 54, 55, 56, 57, 300])
        {
            foreach (int contextSize in (int[])[0, 1, 62, 63, 64, 65, 300])
            {
                string label = new('x', labelSize);
                byte[] context = [.. Enumerable.Repeat((byte)7, contextSize)];
                using var info = new TlsWriter();
                info.WriteUInt16((ushort)output.Length);
                info.WriteText($"MLS 1.0 {label}");
                info.WriteOpaque(context);
                suite.Hkdf.Expand(secret, info.Written, expected);
                suite.ExpandWithLabel(secret, label, context, output);
                Assert.Equal(expected, output);
            }
        }
    }

    [Fact]
    public void ALabelIsMeasuredInBytesOfUtf8()
    {
        var suite = CipherSuite.Mandatory;
        using var secret = new Secret(suite.Hkdf.HashSize);
        string label = new('\u00e9', 40);   // 40 characters, 80 bytes
        using var info = new TlsWriter();
        info.WriteUInt16(16);
        info.WriteText($"MLS 1.0 {label}");
        info.WriteOpaque([]);
        using var expected = suite.Hkdf.Expand(secret.Reveal(), info.Written, 16);
        using var expanded = suite.ExpandWithLabel(secret, label, [], 16);
        Assert.True(expected.EqualsFixedTime(expanded.Reveal()));
    }
}
