using Holdfast.Codec;

namespace Holdfast.Mls;

/// <summary>What another member or a server sent breaks a rule of RFC 9420, or of our own limits.</summary>
/// <param name="error">The kind of failure, for code.</param>
/// <param name="rule">The rule it broke, with its section, for people; never the bytes themselves.</param>
public sealed class MlsException(MlsError error, string rule) : Exception(rule)
{
    /// <summary>The kind of failure.</summary>
    public MlsError Error { get; } = error;

    /// <summary>The rule that was broken, with its section.</summary>
    public string Rule => Message;

    /// <summary>
    /// What bad bytes made deeper code throw, which a public method answers with; null for any other exception, which is a bug.
    /// </summary>
    internal static MlsException? Of(Exception thrown) => thrown switch
    {
        MlsException broken => broken,
        StructureException broken => new MlsException(broken.Error, broken.Message),
        CodecException malformed => new MlsException(MlsError.Malformed, malformed.Message),
        _ => null,
    };

    /// <summary>Throws unless <paramref name="holds"/>.</summary>
    internal static void Require(bool holds, MlsError error, string rule)
    {
        if (!holds) throw new MlsException(error, rule);
    }
}

/// <summary>
/// A structure breaks a rule of its own while it is read. Whoever decodes it gets what <see cref="Tls.Decode"/> promises, a
/// <see cref="CodecException"/>; a group answers with the kind of the fault.
/// </summary>
internal sealed class StructureException(MlsError error, string rule) : CodecException(rule)
{
    internal MlsError Error { get; } = error;
}
