using System.CommandLine;
using Holdfast.Cli;
using Holdfast.Cli.Commands;
using Holdfast.Cli.Terminal;
using Holdfast.Client;

ClosedMemory.Close();   // before there is anything in it

Func<Command>[] table =
[
    UpVerb.Build, JoinVerb.Build, InviteVerb.Build, PeopleVerbs.WhoAmI, PeopleVerbs.Contacts, PeopleVerbs.Add,
    SendVerb.Build, ReadVerb.Build, SearchVerb.Build, SaveVerb.Build, ConversationsVerb.Build, GroupVerbs.Build, DevicesVerb.Build,
    LockVerbs.Lock, LockVerbs.Unlock, StatusVerb.Build, LockVerbs.Recover, PasscodeVerbs.Passcode, TokenVerbs.Token, PasscodeVerbs.Wipe, TrailVerb.Build,
    ServerVerbs.Build, AgentVerb.Build,
];

var root = new RootCommand("""
    Holdfast: messages that only the people in a conversation can read.

    Every command ends with 0 done, 1 refused or failed with a reason, 2 wrong usage (mistyped, or a passcode file that is not there),
    3 cannot reach the server, 4 locked or wrong passcode.
    """)
{
    CommonOptions.Profile, CommonOptions.PasscodeFile, CommonOptions.TokenPinFile, CommonOptions.Json,
};
root.Directives.Clear();
foreach (var build in table) root.Add(build());

using var interrupts = new Interrupts();
// A message may begin with @, so no argument is ever taken for a file of further arguments.
var typed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
var screen = new Screen(typed.GetValue(CommonOptions.Json) || args.Contains(CommonOptions.Json.Name));
try
{
    if (args.Length == 0)   // help, and still wrong usage: a script has lost its arguments
    {
        using var help = new StringWriter();
        _ = await root.Parse(["--help"]).InvokeAsync(new InvocationConfiguration { Output = help }, interrupts.Token);
        screen.Say(help.ToString());
        return (int)ExitCode.Usage;
    }
    Usage.Check(typed);
    return await typed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interrupts.Token);
}
catch (Exception ended)
{
    return Ending.Of(ended, screen);
}
