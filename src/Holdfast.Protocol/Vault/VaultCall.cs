using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What Client asks of the vault, one structure per frame. No call takes a path, a pointer, a nonce or raw bytes to sign.</summary>
public abstract record VaultCall : ITlsStruct<VaultCall>
{
    /// <inheritdoc/>
    public static VaultCall Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        GetStatus.Tag => GetStatus.DecodeBody(),
        CreateProfile.Tag => CreateProfile.DecodeBody(ref reader),
        Unlock.Tag => Unlock.DecodeBody(ref reader),
        BeginRegistration.Tag => BeginRegistration.DecodeBody(ref reader),
        CompleteRegistration.Tag => CompleteRegistration.DecodeBody(ref reader),
        MakeKeyPackages.Tag => MakeKeyPackages.DecodeBody(ref reader),
        SignLogin.Tag => SignLogin.DecodeBody(ref reader),
        ReportLogin.Tag => ReportLogin.DecodeBody(ref reader),
        SignSubscriptions.Tag => SignSubscriptions.DecodeBody(ref reader),
        MakeInvite.Tag => MakeInvite.DecodeBody(ref reader),
        ListAll.Tag => ListAll.DecodeBody(ref reader),
        ReadHistory.Tag => ReadHistory.DecodeBody(ref reader),
        AddContact.Tag => AddContact.DecodeBody(ref reader),
        CreateConversation.Tag => CreateConversation.DecodeBody(ref reader),
        AddMembers.Tag => AddMembers.DecodeBody(ref reader),
        RemoveMember.Tag => RemoveMember.DecodeBody(ref reader),
        SealTexts.Tag => SealTexts.DecodeBody(ref reader),
        NewAttachment.Tag => NewAttachment.DecodeBody(),
        SealAttachment.Tag => SealAttachment.DecodeBody(ref reader),
        FindAttachment.Tag => FindAttachment.DecodeBody(ref reader),
        GetOutbox.Tag => GetOutbox.DecodeBody(ref reader),
        Reseal.Tag => Reseal.DecodeBody(ref reader),
        LeaveOutbox.Tag => LeaveOutbox.DecodeBody(ref reader),
        OpenEntries.Tag => OpenEntries.DecodeBody(ref reader),
        OpenInbox.Tag => OpenInbox.DecodeBody(ref reader),
        PerformDue.Tag => PerformDue.DecodeBody(ref reader),
        EndVault.Tag => EndVault.DecodeBody(ref reader),
        ChangeAccess.Tag => ChangeAccess.DecodeBody(ref reader),
        TokenAnswered.Tag => TokenAnswered.DecodeBody(ref reader),
        _ => throw new CodecException("unknown kind of call"),
    };

    /// <inheritdoc/>
    public abstract void Encode(TlsWriter writer);

    /// <summary>The kind of call and nothing of what is in it: calls carry passcodes and words.</summary>
    public sealed override string ToString() => GetType().Name;
}
