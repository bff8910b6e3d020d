namespace Holdfast.TokenHost.Tests;

/// <summary>SoftHSM2 behind the token host.</summary>
public sealed class SoftHsmTests : TokenTests, IClassFixture<SoftHsm>
{
    private readonly SoftHsm _token;

    public SoftHsmTests(SoftHsm token) => _token = token;

    private protected override byte[] TokenPin => SoftHsm.TokenPin;

    private protected override Host Start() => new(_token.Settings);
}
