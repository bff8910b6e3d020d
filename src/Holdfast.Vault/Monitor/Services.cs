using Holdfast.Protocol;

namespace Holdfast.Vault;

/// <summary>Which part of the vault answers which call.</summary>
internal sealed class Services
{
    private readonly OpenVault _vault;
    private readonly Enrolment _enrolment;
    private readonly ServerProofs _proofs;
    private readonly Acquaintance _acquaintance;
    private readonly Sending _sending;
    private readonly Changing _changing;
    private readonly Opening _opening;
    private readonly Resealing _resealing;
    private readonly Upkeep _upkeep;
    private readonly InboxReading _inbox;
    private readonly Listing _listing;

    internal Services(OpenVault vault)
    {
        _vault = vault;
        _enrolment = new Enrolment(vault);
        _proofs = new ServerProofs(vault);
        _acquaintance = new Acquaintance(vault);
        _sending = new Sending(vault);
        _changing = new Changing(vault, _sending);
        _opening = new Opening(vault, _sending, _changing);
        _resealing = new Resealing(vault, _sending, _changing);
        _upkeep = new Upkeep(vault, _sending, _changing);
        _inbox = new InboxReading(vault, _upkeep);
        _listing = new Listing(vault);
    }

    /// <summary>Calls that change nothing; null for the others.</summary>
    internal VaultReply? Read(VaultCall call) => call switch
    {
        ListAll { Of: Listed.Conversations } => _listing.Conversations(),
        ListAll { Of: Listed.Contacts } => _listing.Contacts(),
        ListAll { Of: Listed.Members } list => _listing.Members(list.Log),
        ListAll { Of: Listed.Due } => _upkeep.List(),
        ReadHistory { Words: null } read => _listing.History(read.Log!.Value, read),
        ReadHistory search => _listing.Search(search, search.Words),
        FindAttachment find => _listing.Attachment(find.Id),
        GetOutbox get => _listing.Outbox(get.After),
        SignSubscriptions sign => _proofs.SignSubscriptions(sign.ServerKey.Span, sign.Nonce.Span, sign.Logs, sign.Earlier),
        NewAttachment => PrepareAttachment(),
        _ => null,
    };

    /// <summary>Calls that change the store; they run inside one transaction.</summary>
    internal VaultReply Change(VaultCall call) => call switch
    {
        BeginRegistration begin => _enrolment.Begin(begin.Invite),
        CompleteRegistration complete => Done(() => _enrolment.Complete(complete.Pin)),
        MakeKeyPackages make => _enrolment.MakeKeyPackages(make.Count),
        SignLogin sign => _proofs.SignLogin(sign.ServerKey.Span, sign.Nonce.Span),
        ReportLogin report => Done(() => _proofs.ReportLogin(report.Outcome)),
        MakeInvite make => _acquaintance.MakeInvite(make.Server, make.ServerKey, make.Days),
        AddContact add => Done(() => _acquaintance.AddContact(add.Person, add.Invite)),
        CreateConversation create => Sealed(_changing.Create(create.Title, create.Members)),
        AddMembers add => Sealed(_changing.Add(add.Log, add.Members)),
        RemoveMember { Pin: { } pin } remove => Sealed(_changing.Remove(remove.Log, pin)),
        RemoveMember leave => Sealed(_changing.Leave(leave.Log)),
        SealTexts seal => new Sealed([.. _sending.SealTexts(seal.Log, seal.Texts).Select(static entry => entry.ToSend())]),
        SealAttachment seal => Sealed(_sending.SealAttachment(seal.Log, seal.Info, seal.Pointer)),
        Reseal reseal => Sealed(_resealing.Reseal(reseal.Id)),
        LeaveOutbox { Reason: { } reason } drop => Done(() => _resealing.Drop(drop.Id, reason)),
        LeaveOutbox filed => Done(() => _vault.Outbox.DeleteDeliveries(filed.Id)),
        OpenEntries open => _opening.Open(open.Log, open.Entries, open.Spooled),
        OpenInbox open => _inbox.Open(open.Items),
        PerformDue perform => Sealed(_upkeep.Perform(perform.Work)),
        _ => throw new VaultException(VaultError.WrongState, "The call does not fit an unlocked vault."),
    };

    private AttachmentPrepared PrepareAttachment()
    {
        _vault.RequireNotCloned();
        var (key, token) = (new byte[ProtocolLimits.FileKeyBytes], new byte[ProtocolLimits.DeleteTokenBytes]);
        _vault.Random.FillSecret(key);
        _vault.Random.FillSecret(token);
        return new AttachmentPrepared(BlobId.Of(_vault.Random.PublicBytes(Id128.Size)), key, token);
    }

    private static Ok Done(Action action)
    {
        action();
        return new Ok();
    }

    private static VaultReply Sealed(OutboxEntry? entry) => entry is null ? new Ok() : new Sealed([entry.ToSend()]);
}
