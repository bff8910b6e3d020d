using System.Reflection;
using System.Text;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>RFC 9420 §5.1.2, §5.1.3: what is signed or sealed as one thing never passes for another.</summary>
public sealed class SignedObjectsTests
{
    private static readonly CipherSuite Suite = CipherSuite.Mandatory;

    private static readonly string[] Signed = [Labels.FramedContent, Labels.LeafNode, Labels.KeyPackage, Labels.GroupInfo];

    [Fact]
    public void NoSignedObjectVerifiesAsAnother()
    {
        using var room = Room.Of(2);
        var (state, key) = (room[0].Group.State, room[0].SignatureKey);
        using var package = room[0].NewKeyPackage();
        var info = state.SignGroupInfo(false, false, []);
        var framed = AuthenticatedContent.Sign(
            Suite,
            WireFormat.PublicMessage,
            room[0].Group.Frame(new ProposalContent(new RemoveProposal(default)), default),
            state.Context,
            key);
        using var framedTbs = new TlsWriter();
        FramedContentTbs.Encode(framedTbs, WireFormat.PublicMessage, framed.Content, state.Context);
        (byte[] Content, byte[] Signature)[] objects =
        [
            (framedTbs.ToArray(), framed.Auth.Signature.ToArray()),
            (package.KeyPackage.LeafNode.Tbs([], default), package.KeyPackage.LeafNode.Signature.ToArray()),
            (package.KeyPackage.Tbs(), package.KeyPackage.Signature.ToArray()),
            (info.Tbs(), info.Signature.ToArray()),
        ];
        for (int made = 0; made < objects.Length; made++)
        {
            for (int taken = 0; taken < Signed.Length; taken++)
            {
                bool verifies = Suite.VerifyWithLabel(key.PublicKey.Span, Signed[taken], objects[made].Content, objects[made].Signature);
                Assert.Equal(made == taken, verifies);
            }
            Assert.False(
                Suite.Signature.Verify(key.PublicKey.Span, objects[made].Content, objects[made].Signature));   // nor without a label
        }
    }

    [Fact]
    public void NoBytesSealedForOnePurposeOpenForAnother()
    {
        using var key = Suite.Hpke.Kem.Generate(RandomSource.System);
        string[] labels = [Labels.UpdatePathNode, Labels.Welcome];
        foreach (string made in labels)
        {
            var message = Suite.EncryptWithLabel(key.PublicKey.Span, made, "context"u8, "plaintext"u8, RandomSource.System)!;
            foreach (string taken in labels)
            {
                using var opened = Suite.DecryptWithLabel(key, taken, "context"u8, message.Encapsulation.Span, message.Ciphertext.Span);
                Assert.Equal(made == taken, opened is not null);
            }
        }
    }

    /// <summary>
    /// So that no label with what stands behind it reads as another label. Labels stand behind their length, so the one pair that a
    /// specification has made, <c>application</c> and <c>application_export</c>, does no harm.
    /// </summary>
    [Fact]
    public void NoLabelBeginsAnother()
    {
        var labels = typeof(Labels).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!)
            .Where(label => label != Labels.ApplicationExport).ToList();
        foreach (string label in labels)
        {
            Assert.All(label, character => Assert.InRange(character, ' ', '~'));
            Assert.DoesNotContain(labels, other => other != label && other.StartsWith(label, StringComparison.Ordinal));
        }
    }

    /// <summary>Every derivation of a label gives another secret, and none is what the unlabelled function gives.</summary>
    [Fact]
    public void EveryLabelDerivesAnotherSecret()
    {
        using var secret = Secret.Random(32, RandomSource.System);
        var derived = new HashSet<string>();
        foreach (var field in typeof(Labels).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            string label = (string)field.GetRawConstantValue()!;
            using var with = Suite.DeriveSecret(secret, label);
            using var without = Suite.Hkdf.Expand(secret.Reveal(), Encoding.UTF8.GetBytes(label), 32);
            Assert.True(derived.Add(Convert.ToHexString(with.Reveal())));
            Assert.True(derived.Add(Convert.ToHexString(without.Reveal())));
        }
    }
}
