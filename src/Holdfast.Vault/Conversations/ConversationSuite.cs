using Holdfast.Cryptography;

namespace Holdfast.Vault;

/// <summary>
/// The one cipher suite of Holdfast's conversations and inboxes. No other is accepted, so there is none to be talked down to: not by a
/// key package, not by a Welcome, not by a proposal to begin anew in another, and not in what is stored.
/// </summary>
internal static class ConversationSuite
{
    internal static CipherSuite Suite => CipherSuite.Hybrid;

    /// <summary>The suites in which a stored group or key package is looked up.</summary>
    internal static CipherSuites Only { get; } = new(Suite);
}
