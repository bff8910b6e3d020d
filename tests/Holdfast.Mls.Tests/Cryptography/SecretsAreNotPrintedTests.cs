using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

public sealed class SecretsAreNotPrintedTests
{
    private static readonly CipherSuite Suite = CipherSuite.Mandatory;

    /// <summary>Each object holds this in some secret, or something derived from it that is found through its encoding.</summary>
    private static Secret Marked() => Secret.CopyOf(Enumerable.Repeat((byte)0xA7, Suite.Hkdf.HashSize).ToArray());

    [Fact]
    public void TheEpochsSecretsPrintTheirKindOnly()
    {
        using var secrets = EpochSecrets.Derive(Suite, Marked(), out var encryption);
        using var tree = SecretTree.Create(Suite, encryption, 4, new RatchetLimits());
        using var step = tree.Next(new LeafIndex(1), RatchetType.Application, stackalloc byte[RatchetStep.Room]);
        using var welcome = KeySchedule.WelcomeKey(Suite, Marked(), Marked());
        using var group = new GroupSecrets(Marked(), Marked(), []);

        Assert.Equal("EpochSecrets", secrets.ToString());
        Assert.Equal("SecretTree", tree.ToString());
        Assert.Equal("RatchetStep(generation 0)", step.ToString());
        Assert.Equal("WelcomeKey", welcome.ToString());
        Assert.Equal("GroupSecrets", group.ToString());
    }

    [Fact]
    public void WhatHoldsASecretOrAPlaintextPrintsNoByteOfIt()
    {
        using var tree = SecretTree.Create(Suite, Marked(), 4, new RatchetLimits());
        var content = new ApplicationContent(Marked().Reveal().ToArray());
        var framed = new FramedContent(default, 0, Sender.Member(new LeafIndex(0)), default, content);
        var authenticated = new AuthenticatedContent(WireFormat.PrivateMessage, framed, new FramedContentAuthData(default));
        object[] holders =
        [
            new PreSharedKey(new ExternalPskId(default, default), Marked()),
            new UnprotectedContent(authenticated, tree),
            new ProtectedContent(new PrivateMessage(default, 0, ContentType.Application, default, default, default), tree),
            new MessageKey(0, Marked(), 16),
            Ratchet.Start(Marked()),
            SecretNode.Seal(Marked()),
        ];
        foreach (object holder in holders)
        {
            string printed = holder.ToString()!;
            Assert.DoesNotContain("A7", printed, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("167", printed, StringComparison.Ordinal);
        }
    }
}
