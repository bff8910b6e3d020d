using System.Buffers.Binary;

namespace Holdfast.Vault.Pages;

/// <summary>
/// Which version of each page of the main file is the present one: the first eight bytes of its tag. An older version of a page
/// was sealed by us as well; only this list tells it from the present one.
/// </summary>
internal sealed class PageList
{
    private ulong[] _tags = new ulong[64];

    /// <summary>How many pages the main file has.</summary>
    internal uint Count { get; private set; }

    /// <summary>What a page's tag begins with; 0 for a page that was never written.</summary>
    internal ulong this[uint page] => page <= Count ? _tags[page] : 0;

    /// <summary>Notes the present version of a page; the file reaches at least that far.</summary>
    internal void Set(uint page, ulong tag)
    {
        if (page >= _tags.Length) Array.Resize(ref _tags, checked((int)Math.Max(page + 1, _tags.Length + (_tags.Length / 2))));
        _tags[page] = tag;
        Count = Math.Max(Count, page);
    }

    /// <summary>The file ends, or begins to end, behind this page.</summary>
    internal void SetCount(uint count)
    {
        if (count < Count) Array.Clear(_tags, (int)count + 1, (int)(Count - count));
        else if (count >= _tags.Length) Array.Resize(ref _tags, checked((int)count + 1));
        Count = count;
    }

    /// <summary>How a tag stands in the list.</summary>
    internal static ulong Short(ReadOnlySpan<byte> tag) => BinaryPrimitives.ReadUInt64LittleEndian(tag);
}
