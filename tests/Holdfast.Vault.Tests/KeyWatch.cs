using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>
/// Which key sealed what, of all that has left the vaults of one conversation: each leaf, ratchet and generation of an epoch is to be used for
/// one ciphertext. The nonce's random part, which would still tell two apart, is not counted on.
/// </summary>
internal sealed class KeyWatch(Organisation organisation) : IDisposable
{
    private readonly Dictionary<(ulong Epoch, LeafIndex Leaf, bool IsApplication, uint Generation), string> _used = [];
    private readonly Dictionary<ulong, Secret> _senderData = [];
    private ulong _read;

    /// <summary>How many ciphertexts were seen.</summary>
    internal int Count => _used.Count;

    /// <summary>Of the ciphertext that was looked at last.</summary>
    internal uint LastGeneration { get; private set; }

    public void Dispose()
    {
        foreach (var secret in _senderData.Values) secret.Dispose();
    }

    /// <summary>The secrets by which members see who sent what under which key.</summary>
    internal void Learn(IEnumerable<Person> people, LogId log)
    {
        foreach (var person in people)
        {
            var group = person.Vault.Groups.Load(log);
            _senderData.TryAdd(group.Epoch, Secret.CopyOf(group.State.Secrets.SenderDataSecret.Reveal()));
        }
    }

    /// <summary>Of what has come to the log and what leaves the vault now, nothing is under a key that sealed something else.</summary>
    internal void AssertFresh(Post post, LogId log)
    {
        var landed = organisation.Read(log, _read);
        if (landed.Count > 0) _read = landed[^1].Position;
        foreach (var bytes in landed.Select(entry => entry.Bytes).Append(post.Bytes))
        {
            if (Tls.Decode<MlsMessage>(bytes.Span).PrivateMessage is not { } message) continue;
            if (!_senderData.TryGetValue(message.Epoch, out var secret)) continue;
            using var header = new TlsWriter();
            header.WriteOpaque(message.GroupId.Span);
            header.WriteUInt64(message.Epoch);
            header.WriteUInt8((byte)message.ContentType);
            var sender = SenderData.Open(
                ConversationSuite.Suite, secret, message.Ciphertext.Span, header.Written, message.EncryptedSenderData.Span)!.Value;
            var key = (message.Epoch, sender.Leaf, message.ContentType == ContentType.Application, sender.Generation);
            LastGeneration = sender.Generation;
            string ciphertext = Convert.ToHexString(message.Ciphertext.Span);
            Assert.Equal(_used.TryGetValue(key, out var other) ? other : _used[key] = ciphertext, ciphertext);
        }
    }
}
