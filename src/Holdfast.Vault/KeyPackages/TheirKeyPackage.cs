using Holdfast.Codec;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>A key package that the server handed out: believed only as far as its signatures and our pins go.</summary>
internal static class TheirKeyPackage
{
    /// <summary>
    /// The key packages of all devices of a person. They have one identity, or the server has put in one of its own making: it does not say
    /// which, and whoever knows nothing of the person yet could not tell either.
    /// </summary>
    /// <exception cref="VaultException">There is none, one is not theirs, or they are not of one person's several devices.</exception>
    internal static IReadOnlyList<(KeyPackage Package, DeviceCredential Credential)> VerifyAll(OpenVault vault, Invitee person)
    {
        var verified = person.KeyPackages.Packages.Select(bytes => Verify(vault, bytes.Span, person.Pin)).ToList();
        if (verified.Count == 0) throw new VaultException(VaultError.Refused, $"{vault.History.NameOf(person.Pin)} has no device yet.");
        if (Seating.Doubled(verified.Select(static one => new SeatedDevice(one.Package.LeafNode, one.Credential))) is not null)
        {
            throw new VaultException(
                VaultError.Refused,
                $"Refused: the key packages the server gave for {person.Pin} are of two identities, or of one device twice: one of them is not theirs. Speak to them before you go on.");
        }
        return verified;
    }

    /// <summary>The key package and whose it is.</summary>
    /// <exception cref="VaultException">It is malformed, outdated, or not a device of that person.</exception>
    internal static (KeyPackage Package, DeviceCredential Credential) Verify(OpenVault vault, ReadOnlySpan<byte> bytes, Pin pin)
    {
        try
        {
            var package = Tls.Decode<KeyPackage>(bytes);
            if (package.CipherSuite != ConversationSuite.Suite.Id)
                throw Distrust(pin, $"is of another cipher suite (0x{package.CipherSuite:x4}) than conversations here have: it would be easier to break");
            KeyPackageRules.Check(package, ProtocolVersion.Mls10, ConversationSuite.Suite);
            var credential = DeviceCredential.Verify(package.LeafNode);
            if (credential is null || credential.Pin != pin || LeafTraits.InboxKeyOf(package.LeafNode) is null)
                throw Distrust(pin, "does not prove to be theirs");
            if (!vault.Contacts.Accepts(pin, credential.IdentityKey.Span))
                throw Distrust(pin, "carries another identity key than the one you know them by. Speak to them before you go on");
            if (package.LeafNode.Lifetime is not { } lifetime || !lifetime.Contains(vault.Clock.GetUtcNow()))
                throw Distrust(pin, "has expired: their device has not been online for months");
            return (package, credential);
        }
        catch (Exception malformed) when (malformed is CodecException or MlsException)
        {
            throw Distrust(pin, "is malformed");
        }
    }

    private static VaultException Distrust(Pin pin, string what) =>
        new(VaultError.Refused, $"Refused: the key package the server gave for {pin} {what}.");
}
