namespace Holdfast.Mls;

/// <summary>RFC 9420 §6: what holds for public and private messages alike.</summary>
internal static class FramingRules
{
    /// <summary>A message is read with the keys of its own group and epoch.</summary>
    internal static void CheckEpoch(GroupContext context, ReadOnlySpan<byte> groupId, ulong epoch)
    {
        MlsException.Require(
            groupId.SequenceEqual(context.GroupId.Span), MlsError.WrongGroup, "RFC 9420 §6: the message is for another group");
        string rule = epoch < context.Epoch
            ? "RFC 9420 §6: the message is of an epoch that is over"
            : "RFC 9420 §6: the message is of a later epoch: a commit before it has not been handled";
        MlsException.Require(epoch == context.Epoch, MlsError.WrongEpoch, rule);
    }
}
