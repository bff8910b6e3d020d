namespace Holdfast.Mls;

/// <summary>RFC 9420 §17.2: what an <see cref="MlsMessage"/> holds.</summary>
public enum WireFormat : ushort
{
    /// <summary>Reserved, and never sent.</summary>
    Reserved = 0,

    /// <summary>A signed message in the clear (RFC 9420 §6.2).</summary>
    PublicMessage = 1,

    /// <summary>A signed and encrypted message (RFC 9420 §6.3).</summary>
    PrivateMessage = 2,

    /// <summary>What new members are let in with (RFC 9420 §12.4.3.1).</summary>
    Welcome = 3,

    /// <summary>A group's state for those outside it (RFC 9420 §12.4.3).</summary>
    GroupInfo = 4,

    /// <summary>A client's offer to be added (RFC 9420 §10).</summary>
    KeyPackage = 5,
}
