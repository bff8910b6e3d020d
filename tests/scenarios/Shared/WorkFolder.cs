namespace Holdfast.Scenarios;

/// <summary>A folder for one test. It is gone afterwards unless HOLDFAST_KEEP is set.</summary>
internal sealed class WorkFolder : IDisposable
{
    /// <summary>Where it is: short, because a socket's path is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("holdfast-").FullName;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("HOLDFAST_KEEP"))) Directory.Delete(Path, recursive: true);
        else Console.WriteLine($"kept: {Path}");
    }
}
