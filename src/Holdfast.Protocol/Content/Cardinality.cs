namespace Holdfast.Protocol;

/// <summary>draft-ietf-mimi-content §4.4: which of the four kinds of part follows.</summary>
internal enum Cardinality : byte
{
    NullPart = 0,
    Single = 1,
    External = 2,
    Multi = 3,
}
