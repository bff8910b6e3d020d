using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// Everything that can be reached from a living group, its pending commit and a key package, by reflection: whatever holds a secret
/// prints none of its bytes, neither as text, nor in a debugger, nor as JSON, nor in a structured log.
/// </summary>
public sealed class NothingSecretIsPrintedTests : IDisposable
{
    private readonly Room _room = Room.Of(3);
    private readonly KeyPackageBundle _bundle;
    private readonly List<object> _all = [];
    private readonly List<byte[]> _secrets = [];

    public NothingSecretIsPrintedTests()
    {
        _bundle = _room[0].NewKeyPackage();
        _room.Commit(_room[2], new CommitOptions());
        foreach (string text in (string[])["one", "two", "three"]) _room[1].Say(text);
        byte[] skipping = _room[1].Say("four");
        _room[0].Hear(skipping);   // keeps the keys of what it skips
        _room.ProposeUpdate(_room[0]);
        var group = _room[0].Group;
        var pending = group.Commit(new CommitOptions(), _room.Random);
        var secrets = new GroupSecrets(Secret.Random(32, _room.Random), Secret.Random(32, _room.Random), []);
        var path = NewPath.Create(
            group.State.Tree, group.State.Keys, group.State.OwnLeafNode, _room[0].SignatureKey, group.GroupId.Span, _room.Random);
        var psk = new PreSharedKey(_room.ShareKey("door"), Secret.Random(32, _room.Random));
        using var zero = new Secret(32);
        object[] roots =
        [
            _room[0].Group,
            _room[1].Group,
            _room[2].Group.SafeExport(component: 7),
            pending,
            _bundle,
            new LeafChanges { SignatureKey = _room[0].SignatureKey },
            new NewGroupOptions(_bundle, _room[0].SignatureKey, [], _room[0].Policy),
            new LinkPsk(new ResumptionPskId(ResumptionPskUsage.Branch, default, 0, default), Secret.Random(32, _room.Random)),
            secrets,
            path,
            psk,
            KeySchedule.WelcomeKey(CipherSuite.Mandatory, psk.Secret, zero),
            SecretTree.Create(CipherSuite.Mandatory, Secret.Random(32, _room.Random), 4, new RatchetLimits()),
        ];
        foreach (object root in roots) Visit(root);
    }

    public void Dispose()
    {
        _bundle.Dispose();
        _room.Dispose();
    }

    [Fact]
    public void TheWalkReachesEveryTypeThatHoldsASecret()
    {
        var reached = _all.Select(value => value.GetType()).ToHashSet();
        var holders = typeof(Group).Assembly.GetTypes()
            .Where(
                type => type is { IsClass: true, IsAbstract: false } && !IsGenerated(type)
                    && FieldsOf(type).Any(field => IsSecret(field.FieldType)));
        string[] brief =   // what lives within one call
        [
            nameof(PathSecrets), nameof(DerivedEpoch), nameof(ReceivedPath), nameof(WelcomeCreation), nameof(WelcomeHandling),
            nameof(ExternalCommitCreation), nameof(SecretRecord),
        ];
        Assert.Empty(holders.Except(reached).Select(type => type.Name).Except(brief));
        Assert.True(_secrets.Count > 30, $"{_secrets.Count} secrets");
    }

    [Fact]
    public void NothingPrintsAByteOfASecret()
    {
        foreach (object value in _all) AssertClean(value.GetType(), $"{value}");
    }

    [Fact]
    public void NothingIsShownToADebuggerByOrder()
    {
        foreach (var type in typeof(Group).Assembly.GetTypes().Append(typeof(Secret)))
        {
            Assert.False(type.IsDefined(typeof(DebuggerDisplayAttribute)) || type.IsDefined(typeof(DebuggerTypeProxyAttribute)), type.Name);
            Assert.DoesNotContain(FieldsOf(type), field => field.IsDefined(typeof(DebuggerDisplayAttribute)));
        }
    }

    [Fact]
    public void NothingWritesAByteOfASecretAsJson()
    {
        int written = 0;
        foreach (object value in _all)
        {
            string json;
            try { json = JsonSerializer.Serialize(value, value.GetType()); }
            catch (Exception refused) when (refused is NotSupportedException or JsonException or InvalidOperationException)
            {
                continue;   // spans, cycles
            }
            AssertClean(value.GetType(), json);
            written++;
        }
        Assert.True(written > 10, $"{written} could be written");
    }

    /// <summary>What a structured log makes of an object: the text of each of its public properties.</summary>
    [Fact]
    public void NoPropertyPrintsAByteOfASecret()
    {
        foreach (object value in _all)
        {
            foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                if (property.GetIndexParameters().Length > 0 || property.PropertyType.IsByRefLike) continue;
                object? got;
                try { got = property.GetValue(value); }
                catch (TargetInvocationException) { continue; }
                AssertClean(value.GetType(), $"{got}");
                if (got is IEnumerable many and not string) AssertClean(value.GetType(), string.Join(", ", many.Cast<object?>()));
            }
        }
    }

    /// <summary>The search sees what it looks for, in each of the forms.</summary>
    [Fact]
    public void TheSearchFindsAPlantedSecret()
    {
        byte[] secret = _secrets[0];
        Assert.True(IsIn(secret, $"x{Convert.ToHexString(secret)}"));
        Assert.True(IsIn(secret, $"x{Convert.ToHexStringLower(secret)}"));
        Assert.True(IsIn(secret, BitConverter.ToString(secret)));
        Assert.True(IsIn(secret, JsonSerializer.Serialize(secret)));
        Assert.True(IsIn(secret, JsonSerializer.Serialize(secret.Select(octet => (int)octet))));
        Assert.True(IsIn(secret, string.Join(", ", secret)));
        Assert.False(IsIn(secret, "Secret(32 bytes)"));
    }

    private static bool IsSecret(Type type) =>
        type == typeof(Secret) || typeof(KemKey).IsAssignableFrom(type) || typeof(SignatureKey).IsAssignableFrom(type);

    private static bool IsGenerated(Type type) => type.Name.Contains('<', StringComparison.Ordinal);

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            foreach (var field in at.GetFields(Own)) yield return field;
        }
    }

    private void Visit(object root)
    {
        var seen = new HashSet<object>(_all, ReferenceEqualityComparer.Instance);
        var open = new Stack<object>([root]);
        while (open.TryPop(out var value))
        {
            if (value is Type or MemberInfo or Delegate or string || value.GetType().IsPrimitive || !seen.Add(value)) continue;
            if (value is Secret { Length: >= 8 } secret && Alive(secret) is { } bytes) _secrets.Add(bytes);
            if (value.GetType().Namespace?.StartsWith("Holdfast", StringComparison.Ordinal) ?? false) _all.Add(value);
            if (value is IEnumerable many and not byte[])
            {
                foreach (object? item in many) if (item is not null) open.Push(item);
            }
            foreach (var field in FieldsOf(value.GetType()))
            {
                if (!field.FieldType.IsPointer && field.GetValue(value) is { } held and not byte[]) open.Push(held);
            }
        }
    }

    private static byte[]? Alive(Secret secret)
    {
        try { return secret.Reveal().ToArray() is var bytes && bytes.Any(octet => octet != 0) ? bytes : null; }
        catch (ObjectDisposedException) { return null; }
    }

    private void AssertClean(Type type, string printed)
    {
        foreach (byte[] secret in _secrets) Assert.False(IsIn(secret, printed), $"{type.Name} prints a secret");
    }

    /// <summary>
    /// Whether eight bytes in a row of the secret, from its beginning or its second quarter, stand in the text in some form. The second
    /// half of a stored Ed25519 key is its public key.
    /// </summary>
    private static bool IsIn(byte[] secret, string text)
    {
        foreach (var part in (byte[][])[secret[..8], secret[(secret.Length / 4)..Math.Min(secret.Length, (secret.Length / 4) + 8)]])
        {
            if (part.Length < 4) continue;
            string hex = Convert.ToHexString(part);
            string decimals = string.Join(',', part.Select(octet => octet.ToString(CultureInfo.InvariantCulture)));
            string plain = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
            if (plain.Contains(hex, StringComparison.OrdinalIgnoreCase) || plain.Contains(decimals, StringComparison.Ordinal)) return true;
        }
        return text.Contains(JsonSerializer.Serialize(secret).Trim('"')[..10], StringComparison.Ordinal);
    }
}
