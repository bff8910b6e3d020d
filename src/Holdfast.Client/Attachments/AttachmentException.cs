namespace Holdfast.Client;

/// <summary>What is wrong with an attachment.</summary>
internal enum AttachmentProblem
{
    /// <summary>Its bytes are not what its sender sealed.</summary>
    Damaged,

    /// <summary>The path is not a full one.</summary>
    Path,

    /// <summary>This is nothing that can be sent: a folder, a pipe, too large.</summary>
    Unfit,

    /// <summary>It cannot be done as things are.</summary>
    Refused,
}

/// <summary>An attachment was not sent or saved.</summary>
/// <param name="problem">What is wrong with it.</param>
/// <param name="reason">Why, in a sentence.</param>
internal sealed class AttachmentException(AttachmentProblem problem, string reason) : Exception(reason)
{
    internal AttachmentProblem Problem => problem;
}
