using Holdfast.Cryptography;

namespace Holdfast.Mls.Interop;

/// <summary>A member of a group that a ReInit has closed, with a key package for the group that takes its place (RFC 9420 §11.2).</summary>
/// <param name="oldId">The number of the closed group.</param>
/// <param name="old">The closed group, borrowed.</param>
/// <param name="self">Who we are in the new one; ours until we are in it.</param>
internal sealed class Successor(uint oldId, MemberState old, Newcomer self) : IDisposable
{
    internal uint OldId => oldId;

    internal Newcomer Self => self;

    /// <summary>A new key package in the suite that was agreed upon.</summary>
    internal static Successor Of(uint oldId, MemberState old)
    {
        var agreed = old.Group.ReInit ?? throw new InvalidOperationException("the commit has no ReInit");
        return new Successor(oldId, old, Newcomer.Again(Newcomer.SuiteOf(agreed.CipherSuite), old.Group));
    }

    /// <summary>Makes the new group, with all the others' key packages.</summary>
    internal (MemberState Member, LinkedGroup Linked) Welcome(IReadOnlyList<KeyPackage> others, bool treeBeside) =>
        self.Begin(others, treeBeside, old.EncryptHandshake, options => old.Group.Reinitialize(options, RandomSource.System));

    /// <summary>Joins the new group that another member has made.</summary>
    internal MemberState Join(ReadOnlySpan<byte> welcome, ReadOnlyMemory<byte> ratchetTree) =>
        self.Join(welcome, ratchetTree, old.EncryptHandshake, old.Group);

    public void Dispose() => self.Dispose();
}
