using System.Text.Json;
using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>What a person is told of what went wrong.</summary>
internal static class FaceFailure
{
    /// <summary>The same failure in a face's terms, or null where it is a mistake of ours.</summary>
    internal static FaceException? Of(Exception failure) => failure switch
    {
        FaceException told => told,
        VaultRefusedException refused => OfVault(refused),
        VaultEndedException => new(ExitCode.Failed, FaceCode.AgentEnded, "The vault has ended: unlock the profile and try again."),
        RefusedException refused => new(ExitCode.Failed, CodeOf(refused.Code), refused.Sentence),
        UnreachableException { IsOther: true } other => new(
            ExitCode.Unreachable, FaceCode.WrongServer,
            $"What answers at {other.Server} does not have the server's key: nothing was sent to it. Ask whoever runs the server whether it has moved."),
        UnreachableException gone => new(ExitCode.Unreachable, FaceCode.Unreachable, Unreachable(gone.Server)),
        SessionEndedException => new(
            ExitCode.Unreachable, FaceCode.Unreachable, "The connection to the server ended before it answered: try again in a moment."),
        ServerAddressException => new(ExitCode.Failed, FaceCode.Invalid, "The server's address is not an https address: ask for a new invite."),
        NoAccessException => new(ExitCode.Failed, FaceCode.Refused, "The server gives no access to this conversation any more."),
        PostGivenUpException given => new(ExitCode.Failed, FaceCode.Refused, given.Message),
        PostDelayedException delayed => Delayed(delayed),
        AttachmentException attachment => OfAttachment(attachment),
        UnauthorizedAccessException denied => Denied(denied),
        FileNotFoundException or DirectoryNotFoundException => new(ExitCode.Failed, FaceCode.NotFound, "There is no such file or folder."),
        IOException => new(ExitCode.Failed, FaceCode.StorageFailed, "A file could not be read or written. Look whether the disk is full, make room and try again."),
        _ => null,
    };

    /// <summary>What to do when the server does not answer.</summary>
    internal static string Unreachable(string server) =>
        $"Cannot reach the server at {server}. If it is yours, start it with \"holdfast up\" or \"holdfast server run\"; else look at the network, or ask whoever runs it.";

    /// <summary>The system names what may not be used.</summary>
    internal static FaceException Denied(UnauthorizedAccessException denied) =>
        new(ExitCode.Failed, FaceCode.Refused, $"{denied.Message} Its permissions, or those of a folder above it, forbid it.");

    /// <summary>What holds a post up, and that the post stays.</summary>
    private static FaceException Delayed(PostDelayedException delayed)
    {
        var cause = Of(delayed.InnerException!);
        string code = cause?.Code == FaceCode.StorageFailed ? FaceCode.StorageFailed : FaceCode.Queued;
        return new(
            cause?.Exit ?? ExitCode.Failed, code,
            $"{cause?.Message} What was taken before is kept, and goes on by itself: look with \"holdfast read\" before you do it again.".TrimStart());
    }

    private static FaceException OfAttachment(AttachmentException failed) => failed.Problem switch
    {
        AttachmentProblem.Damaged => new(ExitCode.Failed, FaceCode.Damaged, failed.Message),
        AttachmentProblem.Path => new(ExitCode.Usage, FaceCode.Invalid, failed.Message),
        AttachmentProblem.Unfit => new(ExitCode.Failed, FaceCode.Invalid, failed.Message),
        _ => new(ExitCode.Failed, FaceCode.Refused, failed.Message),
    };

    private static FaceException OfVault(VaultRefusedException refused) => refused.Error switch
    {
        VaultError.WrongPasscode => new(ExitCode.Locked, FaceCode.WrongPasscode, refused.Message),
        VaultError.TooManyTries => new(ExitCode.Locked, FaceCode.TooManyTries, refused.Message),
        VaultError.WrongTokenPin => new(ExitCode.Locked, FaceCode.WrongTokenPin, refused.Message),
        VaultError.TokenFailed => new(ExitCode.Failed, FaceCode.TokenFailed, refused.Message),
        VaultError.QuotaReached => new(ExitCode.Locked, FaceCode.QuotaReached, refused.Message),
        VaultError.NotFound => new(ExitCode.Failed, FaceCode.NotFound, refused.Message),
        VaultError.Cloned => new(ExitCode.Failed, FaceCode.Cloned, refused.Message),
        VaultError.StoreFailed => new(ExitCode.Failed, FaceCode.StorageFailed, refused.Message),
        _ => new(ExitCode.Failed, FaceCode.Refused, refused.Message),
    };

    private static string CodeOf(RefusalCode code) => code switch
    {
        RefusalCode.UnknownPin or RefusalCode.UnknownBlob => FaceCode.NotFound,
        RefusalCode.Cloned => FaceCode.Cloned,
        RefusalCode.StorageFailed => FaceCode.StorageFailed,
        _ => JsonNamingPolicy.KebabCaseLower.ConvertName(code.ToString()),
    };
}
