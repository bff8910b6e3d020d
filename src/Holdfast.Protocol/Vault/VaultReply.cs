using Holdfast.Codec;

namespace Holdfast.Protocol;

/// <summary>What the vault answers, one structure per frame.</summary>
public abstract record VaultReply : ITlsStruct<VaultReply>
{
    /// <inheritdoc/>
    public static VaultReply Decode(ref TlsReader reader) => reader.ReadUInt8() switch
    {
        Ok.Tag => Ok.DecodeBody(),
        Failed.Tag => Failed.DecodeBody(ref reader),
        Status.Tag => Status.DecodeBody(ref reader),
        RegistrationReady.Tag => RegistrationReady.DecodeBody(ref reader),
        KeyPackagesMade.Tag => KeyPackagesMade.DecodeBody(ref reader),
        LoginSigned.Tag => LoginSigned.DecodeBody(ref reader),
        SubscriptionsSigned.Tag => SubscriptionsSigned.DecodeBody(ref reader),
        InviteMade.Tag => InviteMade.DecodeBody(ref reader),
        Conversations.Tag => Conversations.DecodeBody(ref reader),
        Contacts.Tag => Contacts.DecodeBody(ref reader),
        Members.Tag => Members.DecodeBody(ref reader),
        History.Tag => History.DecodeBody(ref reader),
        Sealed.Tag => Sealed.DecodeBody(ref reader),
        AttachmentPrepared.Tag => AttachmentPrepared.DecodeBody(ref reader),
        AttachmentFound.Tag => AttachmentFound.DecodeBody(ref reader),
        Outbox.Tag => Outbox.DecodeBody(ref reader),
        Opened.Tag => Opened.DecodeBody(ref reader),
        InboxOpened.Tag => InboxOpened.DecodeBody(ref reader),
        Due.Tag => Due.DecodeBody(ref reader),
        Trail.Tag => Trail.DecodeBody(ref reader),
        AskToken.Tag => AskToken.DecodeBody(ref reader),
        _ => throw new CodecException("unknown kind of reply"),
    };

    /// <inheritdoc/>
    public abstract void Encode(TlsWriter writer);

    /// <summary>The kind of reply and nothing of what is in it but an error's code: replies carry keys and words.</summary>
    public sealed override string ToString() => this is Failed failed ? $"Failed({failed.Error})" : GetType().Name;
}

/// <summary>Done.</summary>
public sealed record Ok() : VaultReply
{
    internal const byte Tag = 1;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
    }

    internal static Ok DecodeBody() => new();
}

/// <summary>Not done, and nothing was changed.</summary>
/// <param name="Error">Which kind.</param>
/// <param name="Reason">Why and what to do, in a sentence without secrets.</param>
public sealed record Failed(VaultError Error, string Reason) : VaultReply
{
    internal const byte Tag = 2;

    /// <inheritdoc/>
    public override void Encode(TlsWriter writer)
    {
        writer.WriteUInt8(Tag);
        writer.WriteUInt8((byte)Error);
        writer.WriteText(Reason);
    }

    internal static Failed DecodeBody(ref TlsReader reader) => new(
        Wire.ReadEnum<VaultError>(ref reader), reader.ReadText(ProtocolLimits.TextBytes));
}
