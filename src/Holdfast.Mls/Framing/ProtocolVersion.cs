namespace Holdfast.Mls;

/// <summary>RFC 9420 §6.</summary>
public enum ProtocolVersion : ushort
{
    /// <summary>Reserved, and never sent.</summary>
    Reserved = 0,

    /// <summary>RFC 9420 itself.</summary>
    Mls10 = 1,
}
