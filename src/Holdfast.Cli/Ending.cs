using Holdfast.Cli.Terminal;
using Holdfast.Client;

namespace Holdfast.Cli;

/// <summary>How a command ends that did not simply succeed: one sentence and an exit code, never a stack trace.</summary>
internal static class Ending
{
    public static int Of(Exception ended, Screen screen)
    {
        switch (ended)
        {
            case ClosedOutputException:
                return (int)ExitCode.Done;
            case FaceException failure:
                screen.Fail(failure.Code, failure.Message);
                return (int)failure.Exit;
            case OperationCanceledException:
                screen.Fail("interrupted", "Interrupted.");
                return (int)ExitCode.Failed;
            case IOException or UnauthorizedAccessException:
                screen.Fail("io", ended.Message);
                return (int)ExitCode.Failed;
            default:
                screen.Fail(FaceCode.Internal, $"Something unexpected happened ({ended.GetType().Name}). This is a mistake in Holdfast: please report it.");
                return (int)ExitCode.Failed;
        }
    }
}
