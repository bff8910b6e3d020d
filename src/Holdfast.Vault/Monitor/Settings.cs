using System.Buffers.Binary;

namespace Holdfast.Vault;

/// <summary>What the profile's owner has chosen. It lies in the sealed store, so nobody else chooses.</summary>
internal sealed class Settings(SealedStore store)
{
    private const ushort UsualAutoLock = 30;

    private static readonly byte[] AutoLockPlace = [1];

    /// <summary>After how many minutes without a command the profile is to be locked; 0 for never.</summary>
    internal ushort AutoLock
    {
        get => store.Get(RecordKind.Setting, AutoLockPlace) is { } chosen ? BinaryPrimitives.ReadUInt16BigEndian(chosen) : UsualAutoLock;
        set
        {
            Span<byte> chosen = stackalloc byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16BigEndian(chosen, value);
            store.Put(RecordKind.Setting, AutoLockPlace, chosen);
        }
    }
}
