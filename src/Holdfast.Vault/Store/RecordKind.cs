namespace Holdfast.Vault;

/// <summary>What a record of the sealed store is. The numbers are stored: add, never reuse (4, 5, 10 and 11 were a group stored whole).</summary>
internal enum RecordKind
{
    Profile = 1,
    KeyPackage = 2,
    Conversation = 3,
    History = 6,
    MessageIndex = 7,
    Outbox = 8,
    OutboxIndex = 9,
    Contact = 12,
    GivenInvite = 13,
    RejoinRequest = 14,
    OutboxDeliveries = 15,
    Group = 16,
    PendingGroup = 17,
    Trail = 18,
    Setting = 19,
    EarlierKey = 20,
}
