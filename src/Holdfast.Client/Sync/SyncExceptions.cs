namespace Holdfast.Client;

/// <summary>The server does not give us this log any more: nothing is sent to it.</summary>
internal sealed class NoAccessException() : Exception("the server gives no access to the log");

/// <summary>A post has been given up.</summary>
/// <param name="reason">Why, in a sentence.</param>
internal sealed class PostGivenUpException(string reason) : Exception(reason);

/// <summary>A post takes longer than whoever sent it should wait; it stays on its way.</summary>
/// <param name="cause">What holds it up.</param>
internal sealed class PostDelayedException(Exception cause) : Exception("a post is held up", cause);
