using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Holdfast.Protocol.Tests;

/// <summary>ATTACKS D-4, D-6: no call to the vault has a place for what would make it work for others: paths, descriptors, pointers, nonces.</summary>
public sealed partial class CallFieldsTests
{
    /// <summary>
    /// A file's name is text to the people of a conversation, its pointer is where the server has it, and the challenge of a server is signed
    /// under a label of its own.
    /// </summary>
    private static readonly string[] Harmless = ["AttachmentInfo.FileName", "SealAttachment.Pointer", "SignLogin.Nonce", "SignSubscriptions.Nonce"];

    [Fact]
    public void NoCallHasAPathADescriptorAPointerOrANonce() => Assert.Empty(Faults(typeof(VaultCall).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(VaultCall)))));

    /// <summary>The control.</summary>
    [Fact]
    public void OneThatHasIsSeen() => Assert.Equal(4, Faults([typeof(Deputy)]).Count);

    private static List<string> Faults(IEnumerable<Type> calls)
    {
        var seen = new HashSet<Type>();
        var faults = new List<string>();
        foreach (var call in calls) Look(call, seen, faults);
        return faults;
    }

    private static void Look(Type type, HashSet<Type> seen, List<string> faults)
    {
        if (!seen.Add(type)) return;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            string name = $"{type.Name}.{property.Name}";
            if (Ambiguous().IsMatch(property.Name) && !Harmless.Contains(name)) faults.Add(name);
            foreach (var part in Parts(property.PropertyType))
            {
                if (part.IsPointer || part == typeof(nint) || part == typeof(nuint)) faults.Add($"{name}: {part}");
                if (part.Namespace == typeof(VaultCall).Namespace) Look(part, seen, faults);
            }
        }
    }

    private static Type[] Parts(Type type) =>
        type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments() : [Nullable.GetUnderlyingType(type) ?? type];

    [GeneratedRegex("Path|Folder|Directory|File|Descriptor|Handle|Pointer|Nonce|Vector|Library|Program|Command", RegexOptions.CultureInvariant)]
    private static partial Regex Ambiguous();

    private sealed record Deputy(string Path, int Descriptor, byte[] Nonce, nint Where);
}
