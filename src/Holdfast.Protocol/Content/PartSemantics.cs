namespace Holdfast.Protocol;

/// <summary>draft-ietf-mimi-content §4.4: how the parts of a <see cref="MultiPart"/> belong together.</summary>
public enum PartSemantics : byte
{
    /// <summary>The receiver picks one.</summary>
    ChooseOne = 0,

    /// <summary>All of them, as one thing.</summary>
    SingleUnit = 1,

    /// <summary>All of them, each for itself.</summary>
    ProcessAll = 2,
}
