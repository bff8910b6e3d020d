using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast group</c>: conversations of several.</summary>
internal static class GroupVerbs
{
    private static readonly Argument<string> Name = new("NAME") { Description = "What the group is called." };
    private static readonly Argument<string> Conversation = new("CONVERSATION") { Description = "The group's name, or the beginning of its id." };
    private static readonly Argument<string> Member = new("MEMBER") { Description = "A name or PIN." };
    private static readonly Argument<string[]> Members = new("MEMBER") { Description = "Names or PINs of contacts.", Arity = ArgumentArity.OneOrMore };

    public static Command Build() => Verb.Group("group", "Make groups and change who is in them.",
        Verb.Make("create", "Make a group of you and MEMBER..., one or several.", CreateAsync, Name, Members),
        Verb.Make("add", "Add MEMBER..., one or several, to a group.", AddAsync, Conversation, Members),
        Verb.Make("remove", "Remove a person from a group.", RemoveAsync, Conversation, Member),
        Verb.Make("leave", "Leave a group.", LeaveAsync, Conversation),
        Verb.Make("members", "List who is in a group, and the cipher suite it has.", MembersAsync, Conversation));

    private static async Task CreateAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        string name = invocation.Of(Name);
        Failure.RequireSense(Written.NameProblem(name));
        await using var link = await invocation.OpenAsync(cancellationToken);
        var group = await link.AskOneAsync<ConversationAnswer>(new GroupCreateCommand(name, invocation.Of(Members)), cancellationToken);
        if (invocation.Screen.IsJson) invocation.Screen.Write(AnswerJson.Of(group));
        else invocation.Screen.Note($"The group {VisibleText.Line(group.Name)} is there. Write to it: holdfast send \"{VisibleText.Line(group.Name)}\" \"hello\"{CommonOptions.ProfileAgain(invocation)}");
    }

    private static Task AddAsync(Invocation invocation, CancellationToken cancellationToken) =>
        DoAsync(invocation, new GroupAddCommand(invocation.Of(Conversation), invocation.Of(Members)), cancellationToken);

    private static Task RemoveAsync(Invocation invocation, CancellationToken cancellationToken) =>
        DoAsync(invocation, new GroupRemoveCommand(invocation.Of(Conversation), invocation.Of(Member)), cancellationToken);

    private static async Task LeaveAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await DoAsync(invocation, new GroupLeaveCommand(invocation.Of(Conversation)), cancellationToken);
        invocation.Screen.Note("You have left: it takes effect as soon as another member is connected.");
    }

    private static async Task DoAsync(Invocation invocation, FaceCommand command, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        await link.DoAsync(command, cancellationToken);
    }

    private static async Task MembersAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        var members = await link.AskAllAsync<MemberAnswer>(new GroupMembersCommand(invocation.Of(Conversation)), cancellationToken);
        if (invocation.Screen.IsJson)
        {
            invocation.Screen.WriteAll(members.Select(AnswerJson.Of));
            return;
        }
        invocation.Screen.WriteAll(Columns.Of(members.Select(member => new[] { member.Name, member.Pin, member.Device, member.IsSelf ? "this device" : "" })));
        if (members.Count > 0) invocation.Screen.Note($"Cipher suite: {VisibleText.Line(members[0].Suite)}.");
    }
}
