using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class GreaseTests
{
    private readonly SeededRandom _random = new(7);

    [Fact]
    public void ThereAreFifteenValuesAndAllAreDrawn()
    {
        int[] values = [.. Enumerable.Range(0, 0x10000).Where(value => Grease.IsGrease((ushort)value))];
        Assert.Equal(15, values.Length);
        Assert.Equal((0x0A0A, 0xEAEA), (values[0], values[^1]));
        Assert.Equal(values, Enumerable.Range(0, 1000).Select(_ => (int)Grease.Value(_random)).Distinct().Order());
    }

    [Fact]
    public void AGreasedKeyPackageHasValuesEverywhereItMayAndIsValid()
    {
        using var signer = CipherSuite.Mandatory.Signature.Generate(_random);
        using var bundle = Greased(
            signer, "greased", TreeGroup.Capable with { CipherSuites = [1], Extensions = [], Proposals = [], Credentials = [1] });
        KeyPackageRules.Check(bundle.KeyPackage, ProtocolVersion.Mls10, CipherSuite.Mandatory);
        var leaf = bundle.KeyPackage.LeafNode;
        Assert.Equal([1], leaf.Capabilities.Versions);
        var listed = leaf.Capabilities;
        foreach (var list in (IReadOnlyList<ushort>[])[listed.CipherSuites, listed.Proposals, listed.Credentials])
            Assert.Single(list, Grease.IsGrease);
        foreach (var extension in (Extension[])[Assert.Single(leaf.Extensions), Assert.Single(bundle.KeyPackage.Extensions)])
        {
            Assert.True(Grease.IsGrease(extension.Type));
            Assert.Contains(extension.Type, leaf.Capabilities.Extensions);
        }
        Assert.Equal([], Grease.Without(leaf.Capabilities).Extensions);
        Assert.Equal(Tls.Encode(leaf.Capabilities), Tls.Encode(Grease.Into(leaf.Capabilities, _random)));
    }

    [Fact]
    public void MembersWithGreaseInLeafKeyPackageAndGroupInfoTalkToOneAnother()
    {
        using var room = Room.Of(2);
        var client = room.NewClient("greased");
        using var self = Greased(client.SignatureKey, client.Name, client.Capabilities);
        var options = new CommitOptions
        {
            Proposals = [new AddProposal(self.KeyPackage)],
            GroupInfoExtensions = [Grease.Extension(_random)],
        };
        room.Commit(room[0], options, (client, self));
        room.Say(client, "hello");
        room.ProposeUpdate(client);
        room.Commit(room[1], new CommitOptions());
        client.Restart();
        room.Commit(client, new CommitOptions());
    }

    [Fact]
    public void AValueThatMeansNothingIsNoSupport()
    {
        var greased = Grease.Into(TreeGroup.Capable, _random);
        Assert.DoesNotContain(greased.Proposals.Where(Grease.IsGrease), greased.SupportsProposal);
        Assert.DoesNotContain(greased.Credentials.Where(Grease.IsGrease), greased.SupportsCredential);
        using var room = Room.Of(
            2, prepare: client => client.Capabilities = client.Capabilities with { Extensions = [Client.KnownExtension, 0x5A5A] });
        var replacing = new GroupContextExtensionsProposal([new Extension(0x5A5A, default)]);
        TreeEdit.Refuses(
            MlsError.InvalidLeafNode, "§13.5", () => room[0].Group.Commit(new CommitOptions { Proposals = [replacing] }, _random));
    }

    private KeyPackageBundle Greased(SignatureKey signer, string name, Capabilities capabilities) => KeyPackageBundle.Create(
        CipherSuite.Mandatory,
        signer,
        new BasicCredential(System.Text.Encoding.UTF8.GetBytes(name)),
        capabilities,
        new Lifetime(0, 1000),
        [],
        [],
        _random,
        grease: true);
}
