using System.Buffers.Text;
using System.Security.Cryptography;
using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>
/// An invite: one line that starts with <c>holdfast://</c>. It carries the server's address and key fingerprint, so the first
/// connection is already pinned, and the card of whoever invites, so the first conversation is already authenticated.
/// </summary>
/// <param name="Server">The server's address, <c>https://host:port</c>.</param>
/// <param name="ServerKey">SHA-256 of the server's public key (SubjectPublicKeyInfo).</param>
/// <param name="Secret">Sixteen random bytes (see <see cref="InviteSecret"/>).</param>
/// <param name="Inviter">The card of the member who invites, or null where the operator does.</param>
public sealed record Invite(string Server, ReadOnlyMemory<byte> ServerKey, ReadOnlyMemory<byte> Secret, Card? Inviter) : ITlsStruct<Invite>
{
    /// <summary>How an invite begins.</summary>
    public const string Prefix = "holdfast://";

    private const int CheckBytes = 4;
    private const int MaxLinkCharacters = 4096;

    /// <summary>Reads an invite as a person pasted it.</summary>
    /// <param name="text">The line.</param>
    /// <param name="invite">The invite.</param>
    /// <param name="problem">What is wrong with it, in a sentence, or null.</param>
    public static bool TryParse(string text, out Invite? invite, out string? problem)
    {
        (invite, problem) = (null, null);
        text = text.Trim();
        if (!text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)) problem = $"An invite starts with {Prefix}.";
        else if (!TryUnwrap(text[Prefix.Length..], out byte[] bytes)) problem = "The invite is incomplete or mistyped, its checksum does not match: copy the whole line again.";
        else
        {
            try { invite = Tls.Decode<Invite>(bytes); }
            catch (CodecException unreadable) { problem = $"The invite cannot be read: {unreadable.Message.TrimEnd('.')}."; }
        }
        return problem is null;
    }

    /// <inheritdoc/>
    public static Invite Decode(ref TlsReader reader)
    {
        FormatVersion.Read(ref reader);
        return new(
            reader.ReadText(ProtocolLimits.NameBytes), Wire.ReadDigest(ref reader),
            reader.ReadBytes(InviteSecret.SecretBytes).ToArray(), reader.ReadOptional<Card>());
    }

    /// <inheritdoc/>
    public void Encode(TlsWriter writer)
    {
        FormatVersion.Write(writer);
        writer.WriteText(Server);
        writer.WriteBytes(ServerKey.Span);
        writer.WriteBytes(Secret.Span);
        writer.WriteOptional(Inviter);
    }

    /// <summary>The line to hand over.</summary>
    public string ToLink()
    {
        byte[] bytes = Tls.Encode(this);
        return Prefix + Base64Url.EncodeToString([.. bytes, .. SHA256.HashData(bytes)[..CheckBytes]]);
    }

    /// <summary>Says what it is without the secret in it.</summary>
    public override string ToString() => $"Invite({Server})";

    private static bool TryUnwrap(string text, out byte[] bytes)
    {
        bytes = [];
        if (text.Length > MaxLinkCharacters || !Base64Url.IsValid(text)) return false;
        byte[] all = Base64Url.DecodeFromChars(text);
        if (Base64Url.EncodeToString(all) != text) return false;   // spaces, padding, or bits behind the last byte
        if (all.Length <= CheckBytes || !SHA256.HashData(all.AsSpan(..^CheckBytes)).AsSpan(..CheckBytes).SequenceEqual(all.AsSpan(^CheckBytes..)))
            return false;
        bytes = all[..^CheckBytes];
        return true;
    }
}
