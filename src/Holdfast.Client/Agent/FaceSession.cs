using Holdfast.Protocol;

namespace Holdfast.Client;

/// <summary>Carries out one face's commands, one after the other.</summary>
internal sealed class FaceSession(ProfileAgent agent, FaceConnection face)
{
    internal async Task RunAsync()
    {
        while (await face.ReadAsync() is { } command)
        {
            var end = await CarryOutAsync(command);
            await face.AnswerAsync(end);
            if (command is LockCommand or WipeCommand && end is DoneAnswer) agent.End();
            if (command is SendTextCommand && end is FailedAnswer) return;   // texts may still be on their way: they are no commands
        }
    }

    private async Task<FaceAnswer> CarryOutAsync(FaceCommand command)
    {
        try
        {
            if (command is not (StatusCommand or JoinCommand or UnlockCommand or LockCommand or WipeCommand)) await agent.SettledAsync(face.HungUp);
            await DispatchAsync(command, face.HungUp);
            return new DoneAnswer();
        }
        catch (OperationCanceledException) when (face.HungUp.IsCancellationRequested)
        {
            return new DoneAnswer();   // nobody is there to read it
        }
        catch (Exception failure)   // a command's main loop
        {
            if (FaceFailure.Of(failure) is { } told) return new FailedAnswer(told.Exit, told.Code, told.Message);
            Log.CommandFailed(agent.Logger, failure);
            return new FailedAnswer(ExitCode.Failed, FaceCode.Internal, "Something failed by a mistake of ours.");
        }
    }

    private Task DispatchAsync(FaceCommand command, CancellationToken cancellationToken) => command switch
    {
        StatusCommand status => new ProfileCommands(agent, face).StatusAsync(status.WithTokenHost, cancellationToken),
        JoinCommand join => new ProfileCommands(agent, face).JoinAsync(join, cancellationToken),
        UnlockCommand unlock => new ProfileCommands(agent, face).UnlockAsync(unlock, cancellationToken),
        LockCommand => agent.LockAsync(),
        WipeCommand => agent.WipeAsync(),
        ChangePasscodeCommand change => new AccessCommands(agent).ChangeAsync(
            change, change.Passcode, AccessChange.Passcode, change.Replacement, 0, cancellationToken),
        SetDuressCommand duress => new AccessCommands(agent).ChangeAsync(
            duress, duress.Passcode, AccessChange.Duress, duress.Duress, 0, cancellationToken),
        SetWipeAfterCommand wipe => new AccessCommands(agent).ChangeAsync(
            wipe, wipe.Passcode, AccessChange.WipeAfter, [], wipe.Tries, cancellationToken),
        SetAutoLockCommand choose => new AccessCommands(agent).ChangeAsync(
            choose, choose.Passcode, AccessChange.AutoLock, [], choose.Minutes, cancellationToken),
        SetDeliveryCommand choose => new AccessCommands(agent).ChangeAsync(
            choose, choose.Passcode, AccessChange.Delivery, [], (ushort)(choose.Delivers ? 1 : 0), cancellationToken),
        AddTokenCommand add => new AccessCommands(agent).AddTokenAsync(add, cancellationToken),
        UpdateTokenCommand update => new AccessCommands(agent).UpdateTokenAsync(update, cancellationToken),
        RemoveTokenCommand remove => new AccessCommands(agent).ChangeAsync(
            remove, remove.Passcode, AccessChange.Token, [], 0, cancellationToken),
        TrailCommand trail => new ProfileCommands(agent, face).TrailAsync(trail, cancellationToken),
        DevicesCommand => new ProfileCommands(agent, face).DevicesAsync(cancellationToken),
        RecoverCommand recover => new ProfileCommands(agent, face).RecoverAsync(recover, cancellationToken),
        InviteCommand invite => new PeopleCommands(agent.Engine, face).InviteAsync(invite, cancellationToken),
        ContactsCommand => new PeopleCommands(agent.Engine, face).ContactsAsync(cancellationToken),
        AddContactCommand add => new PeopleCommands(agent.Engine, face).AddAsync(add, cancellationToken),
        ConversationsCommand => new GroupCommands(agent.Engine, face).ListAsync(cancellationToken),
        GroupCreateCommand create => new GroupCommands(agent.Engine, face).CreateAsync(create, cancellationToken),
        GroupAddCommand add => new GroupCommands(agent.Engine, face).AddAsync(add, cancellationToken),
        GroupRemoveCommand remove => new GroupCommands(agent.Engine, face).RemoveAsync(remove, cancellationToken),
        GroupLeaveCommand leave => new GroupCommands(agent.Engine, face).LeaveAsync(leave, cancellationToken),
        GroupMembersCommand members => new GroupCommands(agent.Engine, face).MembersAsync(members, cancellationToken),
        SendTextCommand send => new SendCommands(agent.Engine, face).TextsAsync(send, cancellationToken),
        SendFileCommand send => new SendCommands(agent.Engine, face).FileAsync(send, cancellationToken),
        ReadCommand read => new ReadCommands(agent.Engine, face).ReadAsync(read, cancellationToken),
        SearchCommand search => new ReadCommands(agent.Engine, face).SearchAsync(search, cancellationToken),
        SaveCommand save => new ReadCommands(agent.Engine, face).SaveAsync(save, cancellationToken),
        _ => throw new FaceException(ExitCode.Usage, FaceCode.Invalid, "This is no command."),
    };
}
