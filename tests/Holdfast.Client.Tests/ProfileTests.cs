namespace Holdfast.Client.Tests;

public sealed class ProfileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-profile-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Two commands start at once: the one that comes second finds the agent of the first, which does not listen yet.</summary>
    [Fact]
    public void AProfileWhoseAgentIsJustStartingCanBeUsed()
    {
        var profile = new Profile(_folder);
        profile.Prepare();
        using var agent = new FileStream(profile.LockPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        profile.Prepare();
    }

    [Fact]
    public void AProfileThatIsNoFolderIsRefusedByName()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var refused = Assert.Throws<FaceException>(() => new Profile(file).Prepare());
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
    }
}
