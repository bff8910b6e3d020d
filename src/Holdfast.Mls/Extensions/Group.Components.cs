using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>A component's secret of one epoch, and the group that cannot derive it any more. Both are the caller's.</summary>
public sealed record ExportedSecret(Secret Secret, Group Next);

public sealed partial class Group
{
    /// <summary>What the group's components have agreed on (draft-ietf-mls-extensions), or null where there is nothing.</summary>
    public AppDataDictionary? AppData => AppDataDictionary.In(ContextExtensions);

    /// <summary>
    /// draft-ietf-mls-extensions SafeExportSecret: this epoch's secret for a component, of the hash's size; all members have the same.
    /// It can be had once: keep <see cref="ExportedSecret.Next"/> and dispose this group, and nothing can derive it again.
    /// </summary>
    /// <exception cref="InvalidOperationException">It was had before.</exception>
    public ExportedSecret SafeExport(ushort component)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var (secret, next) = _exporter.Take(component)
            ?? throw new InvalidOperationException("mls-extensions: the component's secret of this epoch was exported before and is gone");
        return new ExportedSecret(secret, With(_ratchets.Share(), _past.Share(), _pending, next));
    }

    /// <summary>draft-ietf-mls-extensions SafeSignWithLabel: our signature as a component.</summary>
    public byte[] SafeSign(ushort component, ReadOnlySpan<byte> label, ReadOnlySpan<byte> content) =>
        State.SignatureKey.SafeSign(component, label, content);

    /// <summary>draft-ietf-mls-extensions SafeVerifyWithLabel: whether it is that member's signature as that component.</summary>
    public bool SafeVerify(
        LeafIndex member, ushort component, ReadOnlySpan<byte> label, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature) =>
        State.Tree.Leaf(member) is { } leaf && Suite.SafeVerify(leaf.SignatureKey.Span, component, label, content, signature);
}
