using System.Buffers.Binary;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §13.5: values that mean nothing, sent so that no implementation gets used to there being none. All of ours are ignored
/// wherever they come, like any other value we do not know.
/// </summary>
public static class Grease
{
    private const int Values = 15;   // 0x0A0A to 0xEAEA; 0xFAFA is in the private range

    /// <summary>Whether it is one of the reserved values 0x0A0A, 0x1A1A, … 0xEAEA.</summary>
    public static bool IsGrease(ushort value) => (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF) && value != 0xFAFA;

    /// <summary>One of the values, at random.</summary>
    public static ushort Value(RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[4];
        random.FillPublic(bytes);
        return (ushort)(0x0A0A + (0x1010 * (BinaryPrimitives.ReadUInt32BigEndian(bytes) % Values)));
    }

    /// <summary>An extension of such a type with up to 15 random bytes, for a LeafNode, KeyPackage or GroupInfo and nothing else.</summary>
    public static Extension Extension(RandomSource random)
    {
        Span<byte> size = stackalloc byte[1];
        random.FillPublic(size);
        return new Extension(Value(random), random.PublicBytes(size[0] & 0xF));
    }

    /// <summary>
    /// The capabilities with one such value each among suites, extensions, proposals and credentials; the versions have none. A
    /// value that is there already stays, so that a leaf can be renewed without growing.
    /// </summary>
    public static Capabilities Into(Capabilities capabilities, RandomSource random) => capabilities with
    {
        CipherSuites = With(capabilities.CipherSuites, random),
        Extensions = With(capabilities.Extensions, random),
        Proposals = With(capabilities.Proposals, random),
        Credentials = With(capabilities.Credentials, random),
    };

    /// <summary>
    /// Such values in all that a key package may have them in; RFC 9420 §13.5: its extensions are among the capabilities.
    /// </summary>
    internal static (Capabilities Capabilities, IReadOnlyList<Extension> Leaf, IReadOnlyList<Extension> KeyPackage) Into(
        Capabilities capabilities, IReadOnlyList<Extension> leaf, IReadOnlyList<Extension> keyPackage, RandomSource random)
    {
        var (inLeaf, inKeyPackage) = (Extension(random), Extension(random));
        var listed = capabilities.Extensions.Append(inLeaf.Type).Append(inKeyPackage.Type).Distinct();
        return (Into(capabilities with { Extensions = [.. listed] }, random), [.. leaf, inLeaf], [.. keyPackage, inKeyPackage]);
    }

    /// <summary>The capabilities without such values: what the client supports.</summary>
    public static Capabilities Without(Capabilities capabilities) => capabilities with
    {
        CipherSuites = [.. capabilities.CipherSuites.Where(value => !IsGrease(value))],
        Extensions = [.. capabilities.Extensions.Where(value => !IsGrease(value))],
        Proposals = [.. capabilities.Proposals.Where(value => !IsGrease(value))],
        Credentials = [.. capabilities.Credentials.Where(value => !IsGrease(value))],
    };

    private static IReadOnlyList<ushort> With(IReadOnlyList<ushort> values, RandomSource random) =>
        values.Any(IsGrease) ? values : [.. values, Value(random)];
}
