namespace Holdfast.Mls;

/// <summary>RFC 9420 §17.3: the registered extension types; a plain number, for others may name what we do not know.</summary>
public static class ExtensionType
{
    /// <summary>An application's own name for a leaf (RFC 9420 §5.3.3).</summary>
    public const ushort ApplicationId = 1;

    /// <summary>The ratchet tree inside a GroupInfo (RFC 9420 §12.4.3.3).</summary>
    public const ushort RatchetTree = 2;

    /// <summary>What every member must support (RFC 9420 §11.1).</summary>
    public const ushort RequiredCapabilities = 3;

    /// <summary>The key for external commits (RFC 9420 §12.4.3.2).</summary>
    public const ushort ExternalPub = 4;

    /// <summary>Who may propose from outside (RFC 9420 §12.1.8.1).</summary>
    public const ushort ExternalSenders = 5;

    /// <summary>RFC 9420 §7.2: the types that everyone supports and nobody lists.</summary>
    public static bool IsDefault(ushort type) => type is >= ApplicationId and <= ExternalSenders;
}
