namespace Holdfast.TokenHost.Tests;

/// <summary>A TPM 2.0 (swtpm), by commands of our own.</summary>
public sealed class TpmTests : TokenTests, IClassFixture<SoftTpm>
{
    private readonly SoftTpm _token;

    public TpmTests(SoftTpm token) => _token = token;

    private protected override byte[] TokenPin => SoftTpm.TokenPin;

    private protected override Host Start() => new(_token.Settings);
}
