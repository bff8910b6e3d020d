namespace Holdfast.Mls;

/// <summary>RFC 9420 §9: which of a leaf's two ratchets.</summary>
public enum RatchetType
{
    /// <summary>For proposals and commits.</summary>
    Handshake,

    /// <summary>For the application's messages.</summary>
    Application,
}
