namespace Holdfast.Mls;

/// <summary>RFC 9420 §17.4: the registered proposal types; a plain number, for others may name what we do not know.</summary>
public static class ProposalType
{
    /// <summary>Adds a member.</summary>
    public const ushort Add = 1;

    /// <summary>Renews the sender's leaf.</summary>
    public const ushort Update = 2;

    /// <summary>Removes a member.</summary>
    public const ushort Remove = 3;

    /// <summary>Mixes in a pre-shared key.</summary>
    public const ushort PreSharedKey = 4;

    /// <summary>Closes the group in favour of a new one.</summary>
    public const ushort ReInit = 5;

    /// <summary>Joins from outside.</summary>
    public const ushort ExternalInit = 6;

    /// <summary>Replaces the group's extensions.</summary>
    public const ushort GroupContextExtensions = 7;

    /// <summary>RFC 9420 §7.2: the types that everyone supports and nobody lists.</summary>
    public static bool IsDefault(ushort type) => type is >= Add and <= GroupContextExtensions;
}
