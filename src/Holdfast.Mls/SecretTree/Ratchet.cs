using System.Security.Cryptography;
using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>RFC 9420 §9.1: one sender's ratchet. It never changes: taking a key makes the ratchet that no longer has it.</summary>
internal sealed class Ratchet : Shared, IStateRecord
{
    private readonly Secret _secret;
    private readonly uint _generation;
    private readonly SkippedKeys _skipped;

    /// <summary>Takes ownership of the secret, which is that of <paramref name="generation"/>, and of the skipped keys.</summary>
    private Ratchet(Secret secret, uint generation, SkippedKeys skipped) =>
        (_secret, _generation, _skipped) = (secret, generation, skipped);

    /// <summary>The first generation that has not been passed.</summary>
    internal uint Head => _generation;

    /// <summary>A ratchet that has given out nothing yet; it owns <paramref name="secret"/>.</summary>
    internal static Ratchet Start(Secret secret) => new(secret, 0, SkippedKeys.Empty());

    /// <summary>The ratchet without that generation's key.</summary>
    /// <param name="request">Which generation; null takes the first unused one.</param>
    /// <param name="key">Where the key goes.</param>
    /// <param name="nonce">Where its nonce goes.</param>
    /// <param name="generation">Which generation it is.</param>
    /// <exception cref="MlsException">The generation was used, was dropped, or is too far ahead.</exception>
    internal Ratchet Take(in RatchetRequest request, Span<byte> key, Span<byte> nonce, out uint generation)
    {
        generation = request.Generation ?? _generation;
        if (generation < _generation) return TakeSkipped(generation, key, nonce);
        if (generation - _generation > request.Limits.MaxForward)
            throw new MlsException(MlsError.GenerationTooFar, "RFC 9420 §9.2: the message skips more generations than the policy allows");
        if (generation == uint.MaxValue)
            throw new MlsException(MlsError.GenerationTooFar, "RFC 9420 §9.1: the ratchet has come to its end");
        return Forward(request.Suite, generation, request.Limits.MaxKept, key, nonce);
    }

    /// <summary>The records that differ between two states of the ratchet of that name, either of which may be missing.</summary>
    internal static void Compare(Ratchet? older, Ratchet? newer, in RecordKey key, RecordChanges changes)
    {
        changes.Change(key, older, newer);
        SkippedKeys.Compare(older?._skipped, newer?._skipped, key with { Type = RecordType.SkippedKey }, changes);
    }

    public void EncodeRecord(TlsWriter writer)
    {
        writer.WriteUInt32(_generation);
        writer.WriteBytes(_secret.Reveal());
    }

    /// <exception cref="CodecException">Its records are damaged or missing.</exception>
    internal static Ratchet Restore(StateReading records, CipherSuite suite, in RecordKey key)
    {
        var reader = new TlsReader(records.Take(key));
        uint generation = reader.ReadUInt32();
        var secret = Secret.CopyOf(reader.ReadBytes(suite.Hkdf.HashSize));
        reader.ExpectEnd();
        return new Ratchet(secret, generation, SkippedKeys.Restore(records, suite, key with { Type = RecordType.SkippedKey }, generation));
    }

    protected override void Wipe()
    {
        _secret.Dispose();
        _skipped.Release();
    }

    /// <summary>RFC 9420 §9.2: a late message; its key is used once and then gone.</summary>
    private Ratchet TakeSkipped(uint generation, Span<byte> key, Span<byte> nonce)
    {
        var skipped = _skipped.Find(generation)
            ?? throw new MlsException(MlsError.GenerationUsed, "RFC 9420 §9.1: a key is used for one message only");
        skipped.RevealKey().CopyTo(key);
        skipped.RevealNonce().CopyTo(nonce);
        return new Ratchet(Secret.CopyOf(_secret.Reveal()), _generation, _skipped.Without(skipped));
    }

    /// <summary>The secrets in between are consumed at once: they are on the stack only, and are wiped there.</summary>
    private Ratchet Forward(CipherSuite suite, uint generation, int maxKept, Span<byte> key, Span<byte> nonce)
    {
        List<MessageKey>? passed = null;
        Span<byte> secret = stackalloc byte[suite.Hkdf.HashSize];
        _secret.Reveal().CopyTo(secret);
        try
        {
            for (uint skipped = _generation; skipped < generation; skipped++)
            {
                if (generation - skipped <= maxKept) (passed ??= []).Add(MessageKey.Derive(suite, secret, skipped));
                Advance(suite, secret, skipped);
            }
            MessageKey.Derive(suite, secret, generation, key, nonce);
            Advance(suite, secret, generation);
            return new Ratchet(Secret.CopyOf(secret), generation + 1, Keep(passed, maxKept));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private SkippedKeys Keep(List<MessageKey>? passed, int maxKept)
    {
        if (passed is not null) return _skipped.With(passed, maxKept);
        _skipped.Hold();
        return _skipped;
    }

    /// <summary>Puts the next generation's secret in the place of the one it comes from, which is consumed.</summary>
    private static void Advance(CipherSuite suite, Span<byte> secret, uint generation) =>
        suite.DeriveTreeSecret(secret, Labels.RatchetSecret, generation, secret);
}

/// <summary>Which key is wanted of a secret tree, and the rules for giving it.</summary>
internal readonly record struct RatchetRequest(
    CipherSuite Suite, LeafIndex Leaf, RatchetType Type, uint? Generation, RatchetLimits Limits);
