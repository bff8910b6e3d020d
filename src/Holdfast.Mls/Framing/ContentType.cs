namespace Holdfast.Mls;

/// <summary>RFC 9420 §6: what a framed message carries.</summary>
public enum ContentType : byte
{
    /// <summary>Reserved, and never sent.</summary>
    Reserved = 0,

    /// <summary>The application's own bytes.</summary>
    Application = 1,

    /// <summary>A proposal.</summary>
    Proposal = 2,

    /// <summary>A commit.</summary>
    Commit = 3,
}
