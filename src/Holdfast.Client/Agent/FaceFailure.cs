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
        UnreachableException { IsOther: true } => new(
            ExitCode.Unreachable, FaceCode.WrongServer, "What answers at the server's address does not have the server's key: nothing was sent to it."),
        UnreachableException or SessionEndedException => new(ExitCode.Unreachable, FaceCode.Unreachable, "The server cannot be reached."),
        UnauthorizedAccessException => new(ExitCode.Failed, FaceCode.Refused, "The file or folder may not be used: its permissions forbid it."),
        FileNotFoundException or DirectoryNotFoundException => new(ExitCode.Failed, FaceCode.NotFound, "There is no such file or folder."),
        IOException => new(ExitCode.Failed, FaceCode.StorageFailed, "A file could not be read or written: the disk may be full."),
        _ => null,
    };

    private static FaceException OfVault(VaultRefusedException refused) => refused.Error switch
    {
        VaultError.WrongPasscode => new(ExitCode.Locked, FaceCode.WrongPasscode, refused.Message),
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
