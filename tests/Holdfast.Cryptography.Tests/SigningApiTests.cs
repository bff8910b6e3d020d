using System.Reflection;
using Xunit;

namespace Holdfast.Cryptography.Tests;

/// <summary>ATTACKS D-9: whoever may choose the public key that goes into an EdDSA signature gets the private one from two of them.</summary>
public sealed class SigningApiTests
{
    [Fact]
    public void NothingThatSignsOrMakesAKeyTakesAPublicKey() => Assert.Empty(Faults(typeof(SignatureKey).Assembly.GetTypes()));

    /// <summary>The control: such a method, and such a constructor, are seen.</summary>
    [Fact]
    public void OneThatDoesIsSeen() => Assert.Equal(2, Faults([typeof(Oracle)]).Count);

    /// <summary>The public half inside a key follows from the private one, also where that was altered since.</summary>
    [Fact]
    public void APublicKeyFollowsFromThePrivateOne()
    {
        using var key = new Ed25519().Generate(RandomSource.System);
        using var again = new Ed25519().Import(key.RevealPrivateKey());
        Assert.Equal(key.PublicKey.ToArray(), again.PublicKey.ToArray());
    }

    private static List<string> Faults(IEnumerable<Type> types) =>
    [
        .. types.SelectMany(static type => type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .OfType<MethodBase>().Where(static method => IsOfSigning(method) && method.GetParameters().Any(IsPublicKey))
            .Select(static method => $"{method.DeclaringType}.{method.Name}"),
    ];

    /// <summary>Verifying takes one, and libsodium's own functions have places for what they give.</summary>
    private static bool IsOfSigning(MethodBase method) =>
        method.DeclaringType!.Name != nameof(Sodium)
        && (method.Name.Contains("Sign", StringComparison.Ordinal) || method.Name.Contains("Import", StringComparison.Ordinal)
            || (method.IsConstructor && typeof(SignatureKey).IsAssignableFrom(method.DeclaringType)));

    private static bool IsPublicKey(ParameterInfo parameter) => parameter.Name!.Contains("public", StringComparison.OrdinalIgnoreCase);

    private sealed class Oracle : SignatureKey
    {
        internal Oracle(byte[] publicKey) => PublicKey = publicKey;

        public override ReadOnlyMemory<byte> PublicKey { get; }

        public static byte[] Sign(byte[] privateKey, byte[] publicKey, byte[] message) => [.. privateKey, .. publicKey, .. message];

        public override ReadOnlySpan<byte> RevealPrivateKey() => [];

        public override byte[] Sign(ReadOnlySpan<byte> message) => [];

        public override void Dispose()
        {
        }
    }
}
