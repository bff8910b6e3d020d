using Holdfast.Client.Tests.Support;

namespace Holdfast.Client.Tests;

public sealed class FolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WhatIsNoFolderIsNotSaidToBeOnDisk()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps names in its journal");
        Folder.Flush(_folder.Path);
        File.WriteAllText(_folder.Of("file"), "");
        Assert.Throws<IOException>(() => Folder.Flush(_folder.Of("file")));
        Assert.Throws<IOException>(() => Folder.Flush(_folder.Of("missing")));
    }

    [Fact]
    public void TheRoomOnADiskIsKnown() => Assert.True(Folder.FreeBytes(_folder.Path) > 0);
}
