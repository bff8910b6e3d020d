using System.Text;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls.Tests;

/// <summary>What an honest client would not make, signed and sealed by one who could.</summary>
internal static class Forgery
{
    private static CipherSuite Suite => CipherSuite.Mandatory;

    /// <summary>The key package as it now is, with a signature that is right.</summary>
    internal static KeyPackage Signed(this KeyPackage keyPackage, SignatureKey key) =>
        keyPackage with { Signature = Suite.SignWithLabel(key, Labels.KeyPackage, keyPackage.Tbs()) };

    /// <summary>The same key package with another leaf; both signatures are right.</summary>
    internal static KeyPackage With(this KeyPackage keyPackage, SignatureKey key, Func<LeafNode, LeafNode> leaf) =>
        (keyPackage with { LeafNode = leaf(keyPackage.LeafNode).Sign(Suite, key, [], default) }).Signed(key);

    /// <summary>A member's public message in the name of whoever: the tag is right, the signature is the member's own.</summary>
    internal static byte[] Public(Client by, Content content, Sender sender) => PublicOfEpoch(by, content, sender, by.Group.Epoch);

    /// <summary>The same for whatever epoch it says it is of.</summary>
    internal static byte[] PublicOfEpoch(Client by, Content content, Sender sender, ulong epoch)
    {
        var framed = by.Group.Frame(content, default) with { Sender = sender, Epoch = epoch };
        var signed = AuthenticatedContent.Sign(Suite, WireFormat.PublicMessage, framed, by.Group.Context, by.SignatureKey);
        if (content is CommitContent) signed = signed.WithConfirmationTag(new byte[Suite.Hkdf.HashSize]);
        return Tls.Encode(new MlsMessage(PublicMessage.Protect(Suite, signed, by.Group.Context, by.Group.State.Secrets.MembershipKey)));
    }

    /// <summary>A genuine private message that says it comes from another leaf.</summary>
    internal static byte[] WithSenderLeaf(Client by, byte[] message, LeafIndex leaf)
    {
        var genuine = Tls.Decode<MlsMessage>(message).PrivateMessage!;
        using var header = new TlsWriter();
        header.WriteOpaque(genuine.GroupId.Span);
        header.WriteUInt64(genuine.Epoch);
        header.WriteUInt8((byte)genuine.ContentType);
        var secret = by.Group.State.Secrets.SenderDataSecret;
        var sender = SenderData.Open(Suite, secret, genuine.Ciphertext.Span, header.Written, genuine.EncryptedSenderData.Span)!.Value;
        var changed = (sender with { Leaf = leaf }).Seal(Suite, secret, genuine.Ciphertext.Span, header.Written);
        return Tls.Encode(new MlsMessage(genuine with { EncryptedSenderData = changed }));
    }

    /// <summary>A member's application message in whose plaintext, signed and padded with nothing, something was changed.</summary>
    internal static byte[] Application(Client by, string text, Func<byte[], byte[]> change)
    {
        var group = by.Group;
        var framed = group.Frame(new ApplicationContent(Encoding.UTF8.GetBytes(text)), default);
        using var plaintext = new TlsWriter();
        PrivateMessageContent.Encode(
            plaintext,
            framed.Content,
            AuthenticatedContent.Sign(Suite, WireFormat.PrivateMessage, framed, group.Context, by.SignatureKey).Auth,
            0);
        using var header = new TlsWriter();
        header.WriteOpaque(group.GroupId.Span);
        header.WriteUInt64(group.Epoch);
        header.WriteUInt8((byte)ContentType.Application);
        using var ratchets = RatchetsOf(by);
        using var step = ratchets.Next(group.OwnLeaf, RatchetType.Application, stackalloc byte[RatchetStep.Room]);
        byte[] ciphertext = Suite.Aead.Seal(step.RevealKey(), step.RevealNonce(), [.. header.Written, 0], change(plaintext.ToArray()));
        byte[] sender = new SenderData(group.OwnLeaf, step.Generation, 0)
            .Seal(Suite, group.State.Secrets.SenderDataSecret, ciphertext, header.Written);
        return Tls.Encode(
            new MlsMessage(new PrivateMessage(group.GroupId, group.Epoch, ContentType.Application, default, sender, ciphertext)));
    }

    /// <summary>A member's GroupInfo for those who would join from outside, in which something was changed before it was signed.</summary>
    internal static byte[] GroupInfo(Client by, Func<GroupInfo, GroupInfo> change)
    {
        var changed = change(Tls.Decode<MlsMessage>(by.Group.GroupInfoMessage(withTree: true, withExternalKey: true)).GroupInfo!);
        return Tls.Encode(
            new MlsMessage(changed with { Signature = Suite.SignWithLabel(by.SignatureKey, Labels.GroupInfo, changed.Tbs()) }));
    }

    /// <summary>A member's ratchets of this epoch, as it has stored them.</summary>
    internal static SecretTree RatchetsOf(Client of)
    {
        using var records = of.Group.Records();
        return SecretTree.Restore(new StateReading(records), Suite, of.Group.Epoch, of.Group.State.Tree.LeafCount, of.Policy.Ratchets);
    }

    /// <summary>
    /// A Welcome made anew from a genuine one without pre-shared keys, which the opener can open: with the GroupInfo changed, signed
    /// again unless there is no signer, the secrets changed, and sealed to the target, who is the opener if none is given.
    /// </summary>
    internal static byte[] Welcome(
        byte[] welcome,
        KeyPackageBundle opener,
        SignatureKey? signer,
        Func<GroupInfo, GroupInfo>? info = null,
        Func<GroupSecrets, GroupSecrets>? secrets = null,
        KeyPackageBundle? target = null)
    {
        var genuine = Tls.Decode<MlsMessage>(welcome).Welcome!;
        using var found = Open(genuine, opener);
        using var psk = new Secret(Suite.Hkdf.HashSize);
        using var key = KeySchedule.WelcomeKey(Suite, found.JoinerSecret, psk);
        var changed = Tls.Decode<GroupInfo>(key.Open(Suite, genuine.EncryptedGroupInfo.Span)!);
        changed = info?.Invoke(changed) ?? changed;
        if (signer is not null) changed = changed with { Signature = Suite.SignWithLabel(signer, Labels.GroupInfo, changed.Tbs()) };
        byte[] sealedInfo = key.Seal(Suite, Tls.Encode(changed));
        return Tls.Encode(new MlsMessage(Seal(secrets?.Invoke(found) ?? found, sealedInfo, target ?? opener)));
    }

    private static GroupSecrets Open(Welcome welcome, KeyPackageBundle opener)
    {
        byte[] reference = opener.Reference();
        var entry = welcome.Secrets.Single(secrets => secrets.NewMember.Span.SequenceEqual(reference)).Sealed;
        using var opened = Suite.DecryptWithLabel(
            opener.InitKey, Labels.Welcome, welcome.EncryptedGroupInfo.Span, entry.KemOutput.Span, entry.Ciphertext.Span)!;
        return Tls.Decode<GroupSecrets>(opened.Reveal());
    }

    private static Welcome Seal(GroupSecrets secrets, byte[] sealedInfo, KeyPackageBundle target)
    {
        using var writer = new TlsWriter();
        writer.Write(secrets);
        var message = Suite.EncryptWithLabel(
            target.KeyPackage.InitKey.Span, Labels.Welcome, sealedInfo, writer.Written, RandomSource.System)!;
        var entry = new EncryptedGroupSecrets(target.Reference(), new HpkeCiphertext(message.Encapsulation, message.Ciphertext));
        return new Welcome(Suite.Id, [entry], sealedInfo);
    }
}
