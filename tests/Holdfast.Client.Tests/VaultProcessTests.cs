using Holdfast.Client.Tests.Support;
using Holdfast.Protocol;

namespace Holdfast.Client.Tests;

public sealed class VaultProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task CallsThatAreMadeTogetherAreAnsweredInOrder()
    {
        using var vault = VaultProcess.Start(Installed.Vault, _folder.Of("vault"));
        var calls = Enumerable.Range(0, 50).Select(_ => vault.CallAsync<Status>(new GetStatus(), TestContext.Current.CancellationToken));
        Assert.All(await Task.WhenAll(calls), static status => Assert.Equal(VaultState.Empty, status.State));
    }

    [Fact]
    public async Task ARefusalCarriesItsReason()
    {
        using var vault = VaultProcess.Start(Installed.Vault, _folder.Of("vault"));
        var refused = await Assert.ThrowsAsync<VaultRefusedException>(() => vault.CallAsync(new ListAll(Listed.Contacts), TestContext.Current.CancellationToken));
        Assert.Equal(VaultError.WrongState, refused.Error);
    }

    [Fact]
    public async Task AVaultThatIsKilledWhileNobodySpeaksWithItIsNoticed()
    {
        using var vault = VaultProcess.Start(Installed.Vault, _folder.Of("vault"));
        await vault.CallAsync<Status>(new GetStatus(), TestContext.Current.CancellationToken);
        Installed.KillVault(_folder.Of("vault"));
        await vault.Ended.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<VaultEndedException>(() => vault.CallAsync(new GetStatus(), TestContext.Current.CancellationToken));
    }
}
