using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>A message that decrypted; until <see cref="CheckSignature"/> is through it is only what some member says.</summary>
/// <param name="suite">The group's suite.</param>
/// <param name="sender">Whose it says it is.</param>
/// <param name="leaf">That member.</param>
/// <param name="authenticatedData">What was not encrypted.</param>
/// <param name="text">What was.</param>
/// <param name="signedWithSignature">FramedContentTBS (RFC 9420 §6.1) followed by its signature; owned.</param>
/// <param name="signatureLength">The signature's size in bytes.</param>
/// <param name="next">The ratchets without the message's key, which it owns.</param>
internal sealed class OpenedMessage(
    CipherSuite suite,
    LeafIndex sender,
    LeafNode leaf,
    byte[] authenticatedData,
    byte[] text,
    TlsWriter signedWithSignature,
    int signatureLength,
    SecretTree next)
    : IDisposable
{
    private bool _isAdopted, _isTold;

    /// <summary>Whose it says it is.</summary>
    internal LeafIndex Sender => sender;

    /// <summary>The ratchets without the message's key, borrowed.</summary>
    internal SecretTree Next => next;

    /// <summary>The ratchets without the message's key; the caller owns them from here on.</summary>
    internal SecretTree AdoptNext()
    {
        _isAdopted = true;
        return next;
    }

    /// <summary>RFC 9420 §6.1: lets no message go on whose signature is not its sender's.</summary>
    /// <exception cref="MlsException">The signature is not the sender's.</exception>
    internal void CheckSignature() => MlsException.Require(
        HasGoodSignature(), MlsError.InvalidSignature, "RFC 9420 §6.1: the message's signature does not verify");

    /// <summary>RFC 9420 §6.1: whether the signature is the sender's.</summary>
    internal bool HasGoodSignature() => suite.Signature.Verify(
        leaf.SignatureKey.Span, signedWithSignature.Written[..^signatureLength], signedWithSignature.Written[^signatureLength..]);

    /// <summary>
    /// What the application is told of it, with the group that comes after it; text and data are the application's from here on.
    /// </summary>
    internal Handled.ApplicationReceived Received(ulong epoch, Group group)
    {
        _isTold = true;
        return new Handled.ApplicationReceived(sender, leaf, epoch, authenticatedData, text, group);
    }

    /// <summary>Wipes a text that nobody was told, and releases ratchets that nobody adopted.</summary>
    public void Dispose()
    {
        if (!_isTold) CryptographicOperations.ZeroMemory(text);
        signedWithSignature.Dispose();
        if (!_isAdopted) next.Dispose();
    }
}
