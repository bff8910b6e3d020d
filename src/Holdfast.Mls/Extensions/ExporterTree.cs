using Holdfast.Codec;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// draft-ietf-mls-extensions: the tree of one epoch's exported secrets, one for each component. It never changes: taking a secret
/// makes the tree that cannot derive it any more and shares the rest; disposing the older one wipes what was consumed.
/// </summary>
internal sealed class ExporterTree : IDisposable
{
    private const int Height = 16;

    private readonly CipherSuite _suite;
    private ExporterNode? _root;

    private ExporterTree(CipherSuite suite, ExporterNode? root) => (_suite, _root) = (suite, root);

    /// <summary>The tree of a new epoch, which owns its application_export_secret from here on.</summary>
    internal static ExporterTree Create(CipherSuite suite, Secret applicationExportSecret) =>
        new(suite, new ExporterNode.Sealed(applicationExportSecret));

    /// <summary>The component's secret, and the tree without it; null where it was taken before.</summary>
    internal (Secret Secret, ExporterTree Next)? Take(ushort component)
    {
        if (_root is null) return null;
        var secret = _root.Take(_suite, component, Height, out var next);
        return secret is null ? null : (secret, new ExporterTree(_suite, next));
    }

    /// <summary>The same tree for another owner.</summary>
    internal ExporterTree Share()
    {
        _root?.Hold();
        return new ExporterTree(_suite, _root);
    }

    /// <summary>docs/STATE.md ExporterNode: what has not been consumed; no record where all has, nor in states of before there was one.</summary>
    internal static void Compare(ExporterTree? older, ExporterTree newer, RecordChanges changes) =>
        changes.Change(new RecordKey(RecordType.Exporter), older?._root, newer._root);

    internal static ExporterTree Restore(StateReading records, CipherSuite suite) =>
        records.TryTake(new RecordKey(RecordType.Exporter), out var value) ? Read(value, suite) : new ExporterTree(suite, null);

    /// <summary>Writes what has not been consumed. These bytes are secret.</summary>
    internal void Encode(TlsWriter writer) => _root?.EncodeRecord(writer);

    internal static ExporterTree Read(ReadOnlySpan<byte> value, CipherSuite suite)
    {
        var reader = new TlsReader(value);
        var root = ExporterNode.Decode(ref reader, suite, Height);
        reader.ExpectEnd();
        return new ExporterTree(suite, root);
    }

    public void Dispose()
    {
        _root?.Release();
        _root = null;
    }

    /// <summary>The kind of state, never its content.</summary>
    public override string ToString() => nameof(ExporterTree);
}

/// <summary>
/// A node of the exporter tree: sealed while nothing below is used, then opened into its children; null once all below is used.
/// </summary>
internal abstract class ExporterNode : Shared, IStateRecord
{
    private const byte SpentTag = 0, SealedTag = 1, OpenedTag = 2;

    /// <summary>The component's secret and the subtree without it; null, and no subtree, where it was taken before.</summary>
    internal abstract Secret? Take(CipherSuite suite, ushort component, int height, out ExporterNode? next);

    /// <inheritdoc/>
    public void EncodeRecord(TlsWriter writer) => Encode(writer, this);

    private static void Encode(TlsWriter writer, ExporterNode? node)
    {
        switch (node)
        {
            case Sealed unused:
                writer.WriteUInt8(SealedTag);
                writer.WriteBytes(unused.Secret.Reveal());
                break;
            case Opened opened:
                writer.WriteUInt8(OpenedTag);
                Encode(writer, opened.Left);
                Encode(writer, opened.Right);
                break;
            default:
                writer.WriteUInt8(SpentTag);
                break;
        }
    }

    internal static ExporterNode? Decode(ref TlsReader reader, CipherSuite suite, int height) => (reader.ReadUInt8(), height) switch
    {
        (SpentTag, _) => null,
        (SealedTag, _) => new Sealed(Secret.CopyOf(reader.ReadBytes(suite.Hkdf.HashSize))),
        (OpenedTag, > 0) => new Opened(Decode(ref reader, suite, height - 1), Decode(ref reader, suite, height - 1)),
        _ => throw new CodecException("exporter tree: no such node at this height"),
    };

    /// <summary>A subtree in which nothing has been used; it owns its secret.</summary>
    internal sealed class Sealed(Secret secret) : ExporterNode
    {
        internal Secret Secret => secret;

        internal override Secret? Take(CipherSuite suite, ushort component, int height, out ExporterNode? next)
        {
            if (height == 0)
            {
                next = null;
                return Secret.CopyOf(secret.Reveal());
            }
            var opened = new Opened(Child(suite, "left"u8), Child(suite, "right"u8));
            try { return opened.Take(suite, component, height, out next); }
            finally { opened.Release(); }
        }

        protected override void Wipe() => secret.Dispose();

        private Sealed Child(CipherSuite suite, ReadOnlySpan<byte> side) =>
            new(suite.ExpandWithLabel(secret, Labels.Tree, side, suite.Hkdf.HashSize));
    }

    /// <summary>A subtree in which something has been used; it owns its children.</summary>
    internal sealed class Opened(ExporterNode? left, ExporterNode? right) : ExporterNode
    {
        internal ExporterNode? Left => left;

        internal ExporterNode? Right => right;

        internal override Secret? Take(CipherSuite suite, ushort component, int height, out ExporterNode? next)
        {
            next = null;
            bool toTheRight = ((component >> (height - 1)) & 1) == 1;
            var (onPath, beside) = toTheRight ? (right, left) : (left, right);
            if (onPath is null) return null;
            var secret = onPath.Take(suite, component, height - 1, out var below);
            if (secret is null) return null;
            beside?.Hold();
            if (below is not null || beside is not null) next = toTheRight ? new Opened(beside, below) : new Opened(below, beside);
            return secret;
        }

        protected override void Wipe()
        {
            left?.Release();
            right?.Release();
        }
    }
}
