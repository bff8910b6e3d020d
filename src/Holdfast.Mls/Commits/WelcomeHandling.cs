using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>Joining by a Welcome (RFC 9420 §12.4.3.1): open the secrets, open the GroupInfo, check the tree, derive and confirm.</summary>
/// <param name="self">The key package we were added by.</param>
/// <param name="signatureKey">The key our leaf names.</param>
/// <param name="treeBeside">The ratchet tree, where the application brings it.</param>
/// <param name="policy">The application's rules.</param>
/// <param name="groups">Finds a group of ours by its id, or null.</param>
internal sealed class WelcomeHandling(
    KeyPackageBundle self,
    SignatureKey signatureKey,
    ReadOnlyMemory<byte>? treeBeside,
    GroupPolicy policy,
    Func<ReadOnlyMemory<byte>, Group?>? groups)
{
    /// <exception cref="MlsException">The Welcome breaks a rule, or is not for this key package.</exception>
    internal JoinOutcome.Joined Handle(Welcome welcome)
    {
        using var groupSecrets = OpenSecrets(welcome);
        var link = Predecessor.Of(groupSecrets.PreSharedKeys, groups);
        using var pskSecret = PskLookup.Secret(self.Suite, groupSecrets.PreSharedKeys, id => link?.Psk(id) ?? policy.Psks(id));
        var groupInfo = OpenGroupInfo(welcome, groupSecrets, pskSecret);
        var tree = GroupInfoRules.CheckedTree(self.Suite, groupInfo, treeBeside, policy);
        link?.Check(groupInfo.GroupContext, tree, policy);
        var ownLeaf = FindOwnLeaf(tree);
        using var keys = TreePrivateKeys.Join(tree, ownLeaf, self.LeafKey, groupInfo.Signer, groupSecrets.PathSecret);
        var joinerSecret = Secret.CopyOf(groupSecrets.JoinerSecret.Reveal());
        using var derived = DerivedEpoch.FromJoinerSecret(tree, joinerSecret, pskSecret, groupInfo.GroupContext, policy.Ratchets);
        derived.CheckTag(groupInfo.ConfirmationTag.Span);
        var group = Group.Begin(tree, derived, keys, signatureKey, policy);
        var told = groupInfo.Extensions.Where(extension => extension.Type != ExtensionType.RatchetTree);
        return new JoinOutcome.Joined(group, groupInfo.Signer, [.. told]) { Link = link?.Link };
    }

    private GroupSecrets OpenSecrets(Welcome welcome)
    {
        Require(
            welcome.CipherSuite == self.Suite.Id,
            MlsError.Unsupported,
            "RFC 9420 §12.4.3.1: the Welcome's cipher suite is not the key package's");
        var reference = self.Reference();
        var entry = welcome.Secrets.FirstOrDefault(secrets => secrets.NewMember.Span.SequenceEqual(reference))
            ?? throw new MlsException(MlsError.NotForUs, "RFC 9420 §12.4.3.1: the Welcome is for other key packages");
        using var opened = self.Suite.DecryptWithLabel(
            self.InitKey, Labels.Welcome, welcome.EncryptedGroupInfo.Span, entry.Sealed.KemOutput.Span, entry.Sealed.Ciphertext.Span)
            ?? throw new MlsException(MlsError.Undecryptable, "RFC 9420 §12.4.3.1: the group secrets cannot be decrypted");
        var secrets = Tls.Decode<GroupSecrets>(opened.Reveal());
        try { CheckPsks(secrets.PreSharedKeys); }
        catch
        {
            secrets.Dispose();
            throw;
        }
        return secrets;
    }

    /// <summary>RFC 9420 §12.4.3.1, §12.2: what a commit's list could hold.</summary>
    private static void CheckPsks(IReadOnlyList<PreSharedKeyId> psks)
    {
        var distinct = new HashSet<ReadOnlyMemory<byte>>(Bytes.Comparer);
        Require(psks.All(id => distinct.Add(Tls.Encode(id))), MlsError.Malformed, "RFC 9420 §12.2: two of one PSK");
    }

    private GroupInfo OpenGroupInfo(Welcome welcome, GroupSecrets secrets, Secret pskSecret)
    {
        using var key = KeySchedule.WelcomeKey(self.Suite, secrets.JoinerSecret, pskSecret);
        var opened = key.Open(self.Suite, welcome.EncryptedGroupInfo.Span)
            ?? throw new MlsException(MlsError.Undecryptable, "RFC 9420 §12.4.3.1: the GroupInfo cannot be decrypted");
        var groupInfo = Tls.Decode<GroupInfo>(opened);
        var context = groupInfo.GroupContext;
        Require(
            context.Version == self.KeyPackage.Version,
            MlsError.Unsupported,
            "RFC 9420 §12.4.3.1: the group's version is not the key package's");
        Require(
            context.CipherSuite == self.Suite.Id,
            MlsError.Unsupported,
            "RFC 9420 §12.4.3.1: the group's cipher suite is not the key package's");
        return groupInfo;
    }

    /// <summary>RFC 9420 §12.4.3.1: the leaf that is the key package's, to the byte.</summary>
    private LeafIndex FindOwnLeaf(RatchetTree tree)
    {
        var own = Tls.Encode(self.KeyPackage.LeafNode);
        foreach (var (index, leaf) in tree.Leaves)
        {
            if (leaf.SignatureKey.Span.SequenceEqual(signatureKey.PublicKey.Span) && Tls.Encode(leaf).AsSpan().SequenceEqual(own))
                return index;
        }
        throw new MlsException(MlsError.NotForUs, "RFC 9420 §12.4.3.1: no leaf of the tree is our key package's");
    }

    private static void Require(bool holds, MlsError error, string rule) => MlsException.Require(holds, error, rule);
}
