using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>A part of a group that is stored by itself. It never changes: what changes is which one stands under a key.</summary>
internal interface IStateRecord
{
    /// <summary>Writes the record's value (docs/STATE.md).</summary>
    void EncodeRecord(TlsWriter writer);
}
