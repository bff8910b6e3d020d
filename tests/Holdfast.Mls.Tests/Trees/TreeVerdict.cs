using Holdfast.Codec;

namespace Holdfast.Mls.Tests.Trees;

/// <summary>What the library and the reference say of one tree.</summary>
internal static class TreeVerdict
{
    /// <summary>Whether the library accepts the tree, but for its keys and signatures.</summary>
    internal static bool OfLibrary(ReferenceTree tree) =>
        !Refused(() => RatchetTree.Decode(TreeGroup.Suite, tree.Encode()).CheckParentHashes());

    /// <summary>Whether the library accepts the whole tree.</summary>
    internal static bool OfLibraryWithSignatures(ReferenceTree tree) => !Refused(() =>
    {
        var decoded = RatchetTree.Decode(TreeGroup.Suite, tree.Encode());
        decoded.Validate(TreeGroup.ContextOf(decoded));
    });

    internal static bool OfReference(ReferenceTree tree) => tree.UnmergedLeavesAreValid() && tree.ParentHashesAreValid();

    private static bool Refused(Action check)
    {
        try
        {
            check();
            return false;
        }
        catch (MlsException)
        {
            return true;
        }
        catch (CodecException)
        {
            return true;
        }
    }
}
