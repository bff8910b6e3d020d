using System.Buffers.Binary;
using Holdfast.Cryptography;

namespace Holdfast.Vault;

/// <summary>What the profile's owner has chosen. It lies in the sealed store, so nobody else chooses.</summary>
internal sealed class Settings(SealedStore store)
{
    private const ushort UsualAutoLock = 30;

    private static readonly byte[] AutoLockPlace = [1], DeliveryPlace = [2];

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

    /// <summary>Whether the device goes on fetching while it is locked.</summary>
    internal bool Delivers => store.Contains(RecordKind.Setting, DeliveryPlace);

    /// <summary>By which key it does; null where it does not. It is for this alone, made anew whenever that is chosen.</summary>
    internal SignatureKey? DeliveryKey()
    {
        using var key = store.GetSecret(RecordKind.Setting, DeliveryPlace);
        return key is null ? null : ConversationSuite.Suite.Signature.Import(key.Reveal());
    }

    /// <summary>Chooses whether it does. A key that was taken back does not come again.</summary>
    internal void ChooseDelivery(bool delivers, RandomSource random)
    {
        if (delivers == Delivers) return;
        store.Delete(RecordKind.Setting, DeliveryPlace);
        if (!delivers) return;
        using var key = ConversationSuite.Suite.Signature.Generate(random);
        store.PutSecret(RecordKind.Setting, DeliveryPlace, key.RevealPrivateKey());
    }
}
