namespace Holdfast.Vault.Pages;

/// <summary>A file of the store is not what we wrote: it was altered, cut, mixed with others, or the disk has failed.</summary>
/// <param name="path">The file.</param>
/// <param name="what">What was found, without any content.</param>
internal sealed class StoreDamage(string path, string what)
    : Exception($"The profile's store is damaged: {what} ({Path.GetFileName(path)}). Restore the profile from a backup, or remove it and join again.");
