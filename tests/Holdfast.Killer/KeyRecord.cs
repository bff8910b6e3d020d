using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Mls;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.Killer;

/// <summary>
/// Writes down for each ciphertext that leaves the vault which key it is under, a line each: log, epoch, leaf, ratchet and generation, a tab, the
/// hash of the ciphertext.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="opened">The vault, once it is open.</param>
internal sealed class KeyRecord(string path, Func<OpenVault?> opened)
{
    internal void Note(VaultReply reply)
    {
        var posts = reply switch
        {
            Sealed made => made.Items,
            Outbox waiting => waiting.Posts,
            _ => [],
        };
        if (posts.Count > 0) File.AppendAllLines(path, posts.Select(static item => item.Post).Select(Line).OfType<string>());
    }

    /// <summary>What is of an epoch that is over was recorded in it, or never leaves.</summary>
    private string? Line(Post post)
    {
        if (opened() is not { } vault || Tls.Decode<MlsMessage>(post.Bytes.Span).PrivateMessage is not { } message) return null;
        var group = vault.Groups.Load(post.Log);
        if (message.Epoch != group.Epoch) return null;
        using var header = new TlsWriter();
        header.WriteOpaque(message.GroupId.Span);
        header.WriteUInt64(message.Epoch);
        header.WriteUInt8((byte)message.ContentType);
        var sender = SenderData.Open(
            group.Suite, group.State.Secrets.SenderDataSecret, message.Ciphertext.Span, header.Written, message.EncryptedSenderData.Span)!.Value;
        string ratchet = message.ContentType == ContentType.Application ? "application" : "handshake";
        return $"{post.Log} {message.Epoch} {sender.Leaf.Value} {ratchet} {sender.Generation}\t{Convert.ToHexString(SHA256.HashData(message.Ciphertext.Span))}";
    }
}
