namespace Holdfast.Protocol;

/// <summary>draft-ietf-mimi-content §4.1: when receivers are asked to forget the message.</summary>
/// <param name="Relative">Whether it counts from when the message is read; else from 1970.</param>
/// <param name="Seconds">How many seconds.</param>
public sealed record Expiration(bool Relative, uint Seconds);
