using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>A call to the vault that gives something to post, in the order of asking.</summary>
/// <param name="Call">The call: answered by <see cref="Sealed"/>, or by <see cref="Ok"/> where there is nothing to post.</param>
/// <param name="Cancellation">Takes it back as long as it has not been made.</param>
internal sealed record SealRequest(VaultCall Call, CancellationToken Cancellation)
{
    /// <summary>How often it had to wait for a commit that must come first.</summary>
    internal int Attempts { get; set; }

    /// <summary>The post; null where there is nothing to post.</summary>
    internal TaskCompletionSource<PendingPost?> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
