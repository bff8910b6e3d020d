namespace Holdfast.Mls;

/// <summary>
/// Every code point of draft-ietf-mls-extensions (text of July 2026, after draft-10) that this library uses. They are the draft's
/// suggestions: IANA has assigned none, so this table is the one place to change.
/// </summary>
public static class CodePoints
{
    /// <summary>MLS Extension Types: application data by component, in a KeyPackage, LeafNode, GroupContext or GroupInfo.</summary>
    public const ushort AppDataDictionary = 0x0006;

    /// <summary>MLS Proposal Types: changes what a component keeps in the group context.</summary>
    public const ushort AppDataUpdate = 0x0008;

    /// <summary>MLS Proposal Types: data that goes with one commit.</summary>
    public const ushort AppEphemeral = 0x0009;

    /// <summary>MLS Proposal Types: removes its sender.</summary>
    public const ushort SelfRemove = 0x000a;

    /// <summary>PSKType: a key of an application component.</summary>
    public const byte ApplicationPsk = 3;

    /// <summary>MLS Component Types: the components that a leaf supports or a group requires.</summary>
    public const ushort AppComponents = 0x0001;

    /// <summary>MLS Component Types: the components that use Safe AAD; in a group context, that all authenticated data is framed.</summary>
    public const ushort SafeAad = 0x0002;

    /// <summary>MLS Component Types: marks a key package that may be used more than once.</summary>
    public const ushort LastResortKeyPackage = 0x0004;

    /// <summary>MLS Component Types: from here on numbers are for private use.</summary>
    public const ushort FirstPrivateComponent = 0x8000;

    /// <summary>AppDataUpdateOperation: new data, which the application merges.</summary>
    public const byte UpdateOperation = 1;

    /// <summary>AppDataUpdateOperation: the component's entry goes.</summary>
    public const byte RemoveOperation = 2;
}
