namespace Holdfast.Vault;

/// <summary>What a record of the sealed store is. The numbers are stored: add, never reuse.</summary>
internal enum RecordKind
{
    Profile = 1,
    KeyPackage = 2,
    Conversation = 3,
    GroupEpoch = 4,
    GroupRatchets = 5,
    History = 6,
    MessageIndex = 7,
    Outbox = 8,
    OutboxIndex = 9,
    PendingEpoch = 10,
    PendingRatchets = 11,
    Contact = 12,
    GivenInvite = 13,
    RejoinRequest = 14,
    OutboxDeliveries = 15,
}
