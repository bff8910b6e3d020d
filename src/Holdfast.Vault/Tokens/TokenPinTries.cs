namespace Holdfast.Vault;

/// <summary>
/// How many token PINs were tried in a row without being right, in a file, since some tokens take endless tries (SoftHSM does). The file is
/// on disk before the token hears the token PIN, so that ending the process gives none back. Someone who puts an old copy of the file in its
/// place gets tries back: it stops those who only have the keyboard, and the token's own counter, where there is one, stops the others.
/// </summary>
internal sealed class TokenPinTries(string path)
{
    /// <summary>The most wrong token PINs in a row.</summary>
    internal const int Most = 5;

    /// <summary>How many were tried since one was right. A file that is not one of ours counts as all of them.</summary>
    internal int Count
    {
        get
        {
            if (!File.Exists(path)) return 0;
            byte[] content = File.ReadAllBytes(path);
            return content is [var count] && count <= Most ? count : Most;
        }
    }

    /// <summary>Counts one more, durably.</summary>
    /// <exception cref="TokenException">There are none left.</exception>
    internal void Begin()
    {
        int count = Count;
        if (count >= Most) throw new TokenException(TokenFault.TriesUsedUp);
        Write((byte)(count + 1));
    }

    /// <summary>The last was never judged.</summary>
    internal void TakeBack()
    {
        if (Count is var count and > 0) Write((byte)(count - 1));
    }

    /// <summary>The last was right.</summary>
    internal void Forget()
    {
        if (Count != 0) Write(0);
    }

    private void Write(byte count) => DurableFile.Replace(path, [count]);
}
