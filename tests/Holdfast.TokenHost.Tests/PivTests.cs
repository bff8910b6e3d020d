using Holdfast.Protocol;

namespace Holdfast.TokenHost.Tests;

/// <summary>A PIV card behind OpenSC: its issuer made the keys, 9D for agreement and 9A for signatures.</summary>
public sealed class PivTests : TokenTests, IClassFixture<SoftPiv>
{
    private readonly SoftPiv _token;

    public PivTests(SoftPiv token) => _token = token;

    private protected override byte[] TokenPin => SoftPiv.TokenPin;

    private protected override Host Start() => new(_token.Settings);

    private protected override TokenInfo Find(Host host) =>
        Assert.Single(host.Client.ListTokens(), static token => token.Label.Contains("one", StringComparison.Ordinal));

    private protected override TokenKey OpenAgreeKey(Host host) => OpenFirst(host, KeyPurpose.Agree, KeyTraits.Derive);

    private protected override TokenKey OpenSignKey(Host host) => OpenFirst(host, KeyPurpose.Sign, KeyTraits.Sign);

    private TokenKey OpenFirst(Host host, KeyPurpose purpose, KeyTraits does)
    {
        OpenToken(host);
        var keys = host.Client.ListKeys();
        var key = Assert.Single(keys, key => (key.Traits & does) != 0);
        return host.Client.OpenKey(key.Handle, key.Point, purpose);
    }
}
