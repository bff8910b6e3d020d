using System.CommandLine;
using Holdfast.Cli.Rendering;
using Holdfast.Client;

namespace Holdfast.Cli.Commands;

/// <summary><c>holdfast whoami</c>, <c>contacts</c>, <c>add</c>: people.</summary>
internal static class PeopleVerbs
{
    private static readonly Argument<string> Person = new("PIN-or-INVITE") { Description = "A PIN, or a line that starts with holdfast://." };

    public static Command WhoAmI() => Verb.Make("whoami", "Show your name, PIN and device.", WhoAmIAsync);

    public static Command Contacts() => Verb.Make("contacts", "List the people you know.", ContactsAsync);

    public static Command Add() => Verb.Make("add", "Make acquaintance with someone.", AddAsync, Person);

    private static async Task WhoAmIAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        var me = await link.AskOneAsync<StatusAnswer>(new StatusCommand(), cancellationToken);
        if (me.Pin is null) throw Failure.NoAccount(CommonOptions.ProfileAgain(invocation));
        if (invocation.Screen.IsJson) invocation.Screen.Write(AnswerJson.Of(me));
        else
        {
            invocation.Screen.WriteAll(Columns.Of(
                [["name", me.Name ?? ""], ["PIN", me.Pin ?? ""], ["device", me.Device ?? ""], ["server", me.Server ?? ""]]));
        }
    }

    private static async Task ContactsAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        await using var link = await invocation.OpenAsync(cancellationToken);
        string profile = CommonOptions.ProfileAgain(invocation);
        var contacts = await link.AskAllAsync<ContactAnswer>(new ContactsCommand(), cancellationToken);
        if (invocation.Screen.IsJson) invocation.Screen.WriteAll(contacts.Select(AnswerJson.Of));
        else invocation.Screen.WriteAll(Columns.Of(contacts.Select(contact => new[] { contact.Name, contact.Pin, Standing(contact, profile) })));
    }

    private static async Task AddAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        Failure.RequireSense(Written.PersonProblem(invocation.Of(Person)));
        await using var link = await invocation.OpenAsync(cancellationToken);
        var contact = await link.AskOneAsync<ContactAnswer>(new AddContactCommand(invocation.Of(Person)), cancellationToken);
        invocation.Screen.Write(invocation.Screen.IsJson
            ? AnswerJson.Of(contact)
            : $"{Called(contact)}: {(contact.State == "known" ? "you know each other" : "asked; wait for the answer")}.");
    }

    /// <summary>Whoever has not answered yet has no name, and is called by the PIN.</summary>
    private static string Called(ContactAnswer contact) =>
        contact.Name == contact.Pin ? contact.Pin : $"{VisibleText.Line(contact.Name)} ({contact.Pin})";

    private static string Standing(ContactAnswer contact, string profile) => contact.State switch
    {
        "known" => "",
        "asked" => "asked, not answered yet",
        "asks" => $"wants to know you: holdfast add {contact.Pin}{profile}",
        var other => other,
    };
}
