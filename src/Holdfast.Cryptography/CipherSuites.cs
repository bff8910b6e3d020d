namespace Holdfast.Cryptography;

/// <summary>The cipher suites that may be used somewhere, found by their ids. It never changes once it is made.</summary>
public sealed class CipherSuites
{
    private readonly CipherSuite[] _suites;

    /// <summary>Just these suites.</summary>
    /// <exception cref="ArgumentException">Two of them have the same id.</exception>
    public CipherSuites(params IEnumerable<CipherSuite> suites)
    {
        _suites = [.. suites];
        if (_suites.DistinctBy(static suite => suite.Id).Count() != _suites.Length)
            throw new ArgumentException("two suites have the same id", nameof(suites));
    }

    /// <summary>Every suite of <see cref="CipherSuite.All"/>.</summary>
    public static CipherSuites Known { get; } = new(CipherSuite.All);

    /// <summary>The suite of that id, or null where it is not among them.</summary>
    public CipherSuite? Find(ushort id) => Array.Find(_suites, suite => suite.Id == id);
}
