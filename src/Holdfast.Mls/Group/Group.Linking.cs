using Holdfast.Cryptography;

namespace Holdfast.Mls;

public sealed partial class Group
{
    /// <summary>
    /// RFC 9420 §11.2: makes the group that takes this one's place, after a ReInit has been committed (<see cref="ReInit"/>). Any one
    /// member does; the others join by the Welcome, with <see cref="Join"/> finding this group.
    /// </summary>
    /// <param name="options">Who we are there, and everybody else of this group.</param>
    /// <param name="random">Where the secrets come from.</param>
    /// <exception cref="InvalidOperationException">No ReInit has been committed.</exception>
    /// <exception cref="ArgumentException">Our key package is not of the ReInit's cipher suite.</exception>
    /// <exception cref="MlsException">A member is missing, a stranger is among them, or a key package is invalid.</exception>
    public LinkedGroup Reinitialize(NewGroupOptions options, RandomSource random)
    {
        var agreed = State.ReInit ?? throw new InvalidOperationException("RFC 9420 §11.2: no ReInit has been committed");
        MlsException.Require(agreed.Version == ProtocolVersion.Mls10, MlsError.Unsupported, "RFC 9420 §11.2: a version we do not know");
        if (options.Self.Suite.Id != agreed.CipherSuite)
            throw new ArgumentException("RFC 9420 §11.2: our key package is not of the ReInit's cipher suite", nameof(options));
        Predecessor.CheckSameMembers([.. Members.Select(member => member.Leaf)], LeavesOf(options), options.Policy);
        return BeginLinked(ResumptionPskUsage.Reinit, agreed.GroupId, agreed.Extensions, options, random);
    }

    /// <summary>
    /// RFC 9420 §11.3: makes a group of some of this one's members, of the same version and cipher suite, which proves to them that
    /// all are members here. This group goes on; the others join by the Welcome, with <see cref="Join"/> finding this group.
    /// </summary>
    /// <param name="groupId">An id that no other group has: fresh random bytes.</param>
    /// <param name="contextExtensions">What the subgroup agrees on.</param>
    /// <param name="options">Who we are there, and who else of this group.</param>
    /// <param name="random">Where the secrets come from.</param>
    /// <exception cref="InvalidOperationException">A ReInit has closed this group.</exception>
    /// <exception cref="ArgumentException">Our key package is not of this group's cipher suite.</exception>
    /// <exception cref="MlsException">Somebody is no member here, or a key package is invalid.</exception>
    public LinkedGroup Branch(
        ReadOnlyMemory<byte> groupId, IReadOnlyList<Extension> contextExtensions, NewGroupOptions options, RandomSource random)
    {
        RequireGoesOn();
        if (options.Self.Suite != Suite)
            throw new ArgumentException("RFC 9420 §11.3: our key package is not of the group's cipher suite", nameof(options));
        Predecessor.CheckSubset([.. Members.Select(member => member.Leaf)], LeavesOf(options), options.Policy);
        return BeginLinked(ResumptionPskUsage.Branch, groupId, contextExtensions, options, random);
    }

    /// <summary>RFC 9420 §11.2, §11.3: a new group whose first commit adds everybody and mixes in this epoch's resumption key.</summary>
    internal LinkedGroup BeginLinked(
        ResumptionPskUsage usage,
        ReadOnlyMemory<byte> groupId,
        IReadOnlyList<Extension> extensions,
        NewGroupOptions options,
        RandomSource random)
    {
        var id = new ResumptionPskId(usage, GroupId, Epoch, random.PublicBytes(options.Self.Suite.Hkdf.HashSize));
        using var founded = Create(options.Self.Suite, groupId, options.Self, options.SignatureKey, extensions, options.Policy, random);
        var commit = new CommitOptions
        {
            Proposals = [.. options.Others.Select(keyPackage => new AddProposal(keyPackage)), new PreSharedKeyProposal(id)],
            TreeInWelcome = options.TreeInWelcome,
            Now = options.Now,
        };
        var first = new CommitCreation(founded, commit, random, new LinkPsk(id, ResumptionPsk)).Create();
        first.Current.Dispose();   // nobody else is in epoch 0: the commit stands as soon as it is made
        return new LinkedGroup(first.Next, first.Welcome);
    }

    private static IReadOnlyList<LeafNode> LeavesOf(NewGroupOptions options) =>
        [options.Self.KeyPackage.LeafNode, .. options.Others.Select(keyPackage => keyPackage.LeafNode)];
}
