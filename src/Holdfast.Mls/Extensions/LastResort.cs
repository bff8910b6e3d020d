namespace Holdfast.Mls;

/// <summary>
/// RFC 9420 §16.8, draft-ietf-mls-extensions: a key package that may be used again when all others are used up, and says so itself.
/// Whoever keeps one (RFC 9420 §16.8) replaces it as soon as it has been used: all groups joined by it stand or fall with one key.
/// </summary>
public static class LastResort
{
    /// <summary>
    /// The mark, to be among the extensions of the key package; its capabilities list <see cref="CodePoints.AppDataDictionary"/>.
    /// </summary>
    public static Extension Mark { get; } = Marked(null);

    /// <summary>The mark beside what else components put into the key package.</summary>
    public static Extension Marked(AppDataDictionary? dictionary) =>
        (dictionary ?? new AppDataDictionary()).With(new ComponentData(CodePoints.LastResortKeyPackage, default)).ToExtension();

    /// <summary>Whether the key package is marked: only such a one may be handed out twice.</summary>
    /// <exception cref="MlsException">Its dictionary is malformed.</exception>
    /// <exception cref="Codec.CodecException">Its dictionary is malformed.</exception>
    public static bool IsLastResort(this KeyPackage keyPackage) =>
        AppDataDictionary.In(keyPackage.Extensions)?.Find(CodePoints.LastResortKeyPackage) is { Data.IsEmpty: true };
}
