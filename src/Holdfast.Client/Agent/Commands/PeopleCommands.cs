using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Commands about people.</summary>
internal sealed class PeopleCommands(SyncEngine engine, FaceConnection face)
{
    internal async Task InviteAsync(InviteCommand command, CancellationToken cancellationToken)
    {
        if (command.Count is < 1 or > InviteCommand.MostInvites || command.Days is < 1 or > InviteCommand.MostDays)
        {
            throw new FaceException(
                ExitCode.Usage, FaceCode.Invalid,
                $"Invites are made 1 to {InviteCommand.MostInvites} at a time and last 1 to {InviteCommand.MostDays} days.");
        }
        var session = await engine.Connector.ConnectAsync(cancellationToken);
        string address = session.Server.Address.GetLeftPart(UriPartial.Authority);
        for (int i = 0; i < command.Count; i++)
        {
            var made = await engine.Vault.CallAsync<InviteMade>(new MakeInvite(address, session.Server.Key, (ushort)command.Days), cancellationToken);
            await session.Rest.UploadInviteAsync(new InviteUpload(made.TokenHash, (ushort)command.Days, 1), cancellationToken);
            await face.AnswerAsync(new InviteAnswer(made.Link));
        }
    }

    internal async Task ContactsAsync(CancellationToken cancellationToken)
    {
        await engine.LookIntoInboxAsync(cancellationToken);
        var contacts = await engine.Vault.CallAsync<Contacts>(new ListAll(Listed.Contacts), cancellationToken);
        foreach (var contact in contacts.Items) await face.AnswerAsync(Words.Of(contact));
    }

    internal async Task AddAsync(AddContactCommand command, CancellationToken cancellationToken)
    {
        var (pin, invite) = Read(command.Person);
        var session = await engine.Connector.ConnectAsync(cancellationToken);
        await engine.WaitAsync(engine.Inbox.CatchUp(), cancellationToken);
        var person = await session.Rest.ClaimAsync(pin, cancellationToken);
        await engine.Vault.CallAsync<Ok>(new AddContact(person, invite), CancellationToken.None);
        await engine.Outbox.LoadAsync(CancellationToken.None);
        await engine.WaitAsync(engine.Deliveries.Filed(), cancellationToken);
        var contacts = await engine.Vault.CallAsync<Contacts>(new ListAll(Listed.Contacts), cancellationToken);
        foreach (var contact in contacts.Items)
            if (contact.Pin == pin) await face.AnswerAsync(Words.Of(contact));
    }

    private static (Pin Pin, string? Invite) Read(string person)
    {
        string text = person.Trim();
        if (!text.StartsWith(Invite.Prefix, StringComparison.OrdinalIgnoreCase))
            return Pin.TryParse(text, out var pin, out string? wrong) ? (pin, null) : throw Invalid(wrong!);
        if (!Invite.TryParse(text, out var invite, out string? problem)) throw Invalid(problem!);
        return invite!.Inviter is { } inviter ? (inviter.Pin, text) : throw Invalid("This invite is the operator's: there is no person behind it.");
    }

    private static FaceException Invalid(string problem) => new(ExitCode.Usage, FaceCode.Invalid, problem);
}
