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
    private SecretNode? _root;

    private ExporterTree(CipherSuite suite, SecretNode? root) => (_suite, _root) = (suite, root);

    /// <summary>The tree of a new epoch, which owns its application_export_secret from here on.</summary>
    internal static ExporterTree Create(CipherSuite suite, Secret applicationExportSecret) =>
        new(suite, SecretNode.Seal(applicationExportSecret));

    /// <summary>The component's secret, and the tree without it; null where it was taken before.</summary>
    internal (Secret Secret, ExporterTree Next)? Take(ushort component)
    {
        var secret = new Secret(_suite.Hkdf.HashSize);
        if (_root is not null && _root.TryOpen(_suite, new LeafIndex(component), Height, secret.Fill(), out var rest))
            return (secret, new ExporterTree(_suite, rest));
        secret.Dispose();
        return null;
    }

    /// <summary>The same tree for another owner.</summary>
    internal ExporterTree Share()
    {
        _root?.Hold();
        return new ExporterTree(_suite, _root);
    }

    /// <summary>
    /// docs/STATE.md ExporterNode: what has not been consumed; no record where all has, nor in states of before there was one.
    /// </summary>
    internal static void Compare(ExporterTree? older, ExporterTree newer, RecordChanges changes)
    {
        if (!ReferenceEquals(older?._root, newer._root))
            changes.Change(new RecordKey(RecordType.Exporter), Record(older?._root), Record(newer._root));
    }

    internal static ExporterTree Restore(StateReading records, CipherSuite suite) =>
        records.TryTake(new RecordKey(RecordType.Exporter), out var value) ? Read(value, suite) : new ExporterTree(suite, null);

    /// <summary>Writes what has not been consumed. These bytes are secret.</summary>
    internal void Encode(TlsWriter writer) => Record(_root)?.EncodeRecord(writer);

    internal static ExporterTree Read(ReadOnlySpan<byte> value, CipherSuite suite)
    {
        var reader = new TlsReader(value);
        var root = ExporterRecord.Decode(ref reader, suite, Height);
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

    private static ExporterRecord? Record(SecretNode? root) => root is null ? null : new ExporterRecord(root);
}

/// <summary>docs/STATE.md ExporterNode: what is left of an exporter tree, from its root.</summary>
internal sealed class ExporterRecord(SecretNode root) : IStateRecord
{
    private const byte SpentTag = 0, SealedTag = 1, OpenedTag = 2;

    /// <inheritdoc/>
    public void EncodeRecord(TlsWriter writer) => Encode(writer, root);

    /// <exception cref="CodecException">There is no such tree of that height, or the input ends before it does.</exception>
    internal static SecretNode? Decode(ref TlsReader reader, CipherSuite suite, int height) => (reader.ReadUInt8(), height) switch
    {
        (SpentTag, _) => null,
        (SealedTag, _) => SecretNode.Seal(Secret.CopyOf(reader.ReadBytes(suite.Hkdf.HashSize))),
        (OpenedTag, > 0) => new SecretNode.Opened(Decode(ref reader, suite, height - 1), Decode(ref reader, suite, height - 1)),
        _ => throw new CodecException("exporter tree: no such node at this height"),
    };

    private static void Encode(TlsWriter writer, SecretNode? node)
    {
        switch (node)
        {
            case SecretNode.Sealed unused:
                writer.WriteUInt8(SealedTag);
                unused.EncodeRecord(writer);
                break;
            case SecretNode.Opened opened:
                writer.WriteUInt8(OpenedTag);
                Encode(writer, opened.Left);
                Encode(writer, opened.Right);
                break;
            default:
                writer.WriteUInt8(SpentTag);
                break;
        }
    }
}
