namespace Holdfast.Mls;

/// <summary>RFC 9420 §6: the version of the protocol.</summary>
public enum ProtocolVersion : ushort
{
    /// <summary>RFC 9420.</summary>
    Mls10 = 1,
}
