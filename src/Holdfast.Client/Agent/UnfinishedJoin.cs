using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Client;

/// <summary>
/// Which invite a join was begun with, from before anything is made until all of it is done. A join that stopped in the middle,
/// be it behind the account, goes on when it is typed again. The file holds the invite's SHA-256, which leads back to nothing.
/// </summary>
internal sealed class UnfinishedJoin(Profile profile)
{
    /// <summary>A profile grows to about half of this within its first messages.</summary>
    private const long LeastFreeBytes = 8 << 20;

    /// <summary>Whether a join with this invite was begun and not ended.</summary>
    internal bool IsOf(string invite) => profile.IsJoining && File.ReadAllBytes(profile.JoiningPath).AsSpan().SequenceEqual(Digest(invite));

    /// <summary>Notes the invite, on disk when this returns.</summary>
    /// <exception cref="FaceException">There is too little room; nothing was made.</exception>
    internal void Begin(string invite)
    {
        RequireRoom();
        string fresh = profile.JoiningPath + ".new";
        using (var file = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(Digest(invite));
            file.Flush(flushToDisk: true);
        }
        File.Move(fresh, profile.JoiningPath, overwrite: true);
        Folder.Flush(profile.Directory);
    }

    /// <summary>The join is done.</summary>
    internal void End() => File.Delete(profile.JoiningPath);

    private static byte[] Digest(string invite) => SHA256.HashData(Encoding.UTF8.GetBytes(invite.Trim()));

    private void RequireRoom()
    {
        if (Folder.FreeBytes(profile.Directory) is >= 0 and < LeastFreeBytes)
        {
            throw new FaceException(
                ExitCode.Failed, FaceCode.StorageFailed,
                $"There is too little room on the disk of {profile.Directory}: make room for {LeastFreeBytes >> 20} MB and type the same again. The invite has not been used.");
        }
    }
}
