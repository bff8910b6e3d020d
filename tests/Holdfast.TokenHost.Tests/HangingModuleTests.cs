using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.TokenHost.Tests;

/// <summary>Modules that do not come back. They mostly wait, and so are tests of their own beside the others.</summary>
public sealed class HangingModuleTests(SoftHsm token) : IClassFixture<SoftHsm>, IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>One of them in the time that is given in earnest.</summary>
    [Theory, InlineData("HANG_INITIALIZE", 2), InlineData("HANG_LOGIN", TokenLimits.AnswerSeconds), InlineData("HANG_GENERATE", 2), InlineData("HANG_DERIVE", 2)]
    public void AHostThatHangsIsEndedInTime(string lie, int seconds)
    {
        using var host = new Host(token.With(NativeCode.Evil(_folder.Path, lie)), TimeSpan.FromSeconds(seconds));
        int process = host.ProcessId;
        Assert.Equal(TokenFault.HostEnded, Assert.Throws<TokenException>(() => Enrol(host).Secret.Dispose()).Fault);
        Programs.Await(() => Programs.IsGone(process), "the host is gone");
        Assert.Equal(TokenFault.HostEnded, Assert.Throws<TokenException>(() => host.Client.ListTokens()).Fault);   // and stays so
    }

    private TokenEnrolment Enrol(Host host) => TokenSecret.Enrol(
        host.Client, Assert.Single(host.Client.ListTokens()).Id, SoftHsm.TokenPin, new TokenPinTries(_folder["tries"], TimeProvider.System), new byte[16], RandomSource.System);
}
