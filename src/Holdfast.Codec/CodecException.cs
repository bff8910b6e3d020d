namespace Holdfast.Codec;

/// <summary>The bytes are not what the presentation language or a structure's own limits allow.</summary>
/// <param name="message">What was wrong, and the rule it broke; never the bytes themselves.</param>
public class CodecException(string message) : Exception(message);
