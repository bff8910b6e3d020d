using Holdfast.Client.Tests.Support;

namespace Holdfast.Client.Tests;

/// <summary>ATTACKS B-19, D-7: a profile is copied or put back, with real agents, vaults and a real server.</summary>
public sealed class RollbackTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1), Pause = TimeSpan.FromMilliseconds(200);

    private readonly TemporaryFolder _folder = new();
    private RealServer _server = null!;
    private Person _alice = null!, _bob = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RealServer.StartAsync(_folder.Of("server"));
        _alice = await Person.JoinAsync(_folder.Of("alice"), "Alice", _server.OwnerInvite);
        _bob = await Person.JoinAsync(_folder.Of("bob"), "Bob", await _alice.InviteAsync());
        await _alice.SendAsync("Bob", ["before"]);
    }

    public async ValueTask DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The store alone, as it was before the last login.</summary>
    [Fact]
    public async Task WhatIsPutBackSendsNothingUntilItIsRecoveredAndThenWithFreshKeys()
    {
        await _alice.EndAgentAsync();
        _alice.CopyTo(_folder.Of("backup"));
        await _alice.RestartAsync();
        await _alice.SendAsync("Bob", ["meanwhile"]);
        await _alice.EndAgentAsync();
        _alice.PutBack(_folder.Of("backup"), "vault.db*");
        await _alice.RestartAsync();
        var refused = await Assert.ThrowsAsync<FaceException>(() => _alice.SendAsync("Bob", ["from the past"]));
        Assert.Equal(FaceCode.Cloned, refused.Code);
        Assert.Contains("holdfast recover", refused.Message, StringComparison.Ordinal);
        Assert.True((await _alice.AskAsync(new StatusCommand())).OfType<StatusAnswer>().Single().Cloned);
        Assert.False((await _alice.RecoverAsync()).Cloned);
        await SendOnceBackAsync(_alice, "back");
        Assert.Equal(["before", "meanwhile", "back"], Texts(await _bob.ReadAsync("Alice")));
        Assert.Equal(["before", "meanwhile", "back"], Texts(await _alice.ReadAsync("Bob")).Where(static text => !text.StartsWith("This device", StringComparison.Ordinal)));
    }

    /// <summary>The whole folder. The counter says nothing of what was sent since the last login: the log does, and nobody is asked anything.</summary>
    [Fact]
    public async Task WhatIsPutBackToWithinASessionComesBackByItself()
    {
        _alice.CopyTo(_folder.Of("backup"));
        await _alice.SendAsync("Bob", ["meanwhile", "and more"]);
        await _alice.KillVaultAsync();
        await _alice.AgentEnded.WaitAsync(Patience, TestContext.Current.CancellationToken);
        _alice.PutBack(_folder.Of("backup"), "*");
        await _alice.RestartAsync();
        await SendOnceBackAsync(_alice, "back");
        Assert.Equal(["before", "meanwhile", "and more", "back"], Texts(await _bob.ReadAsync("Alice")));
        Assert.Contains(await _alice.ReadAsync("Bob"), static line => line.Text.Contains("put back to an earlier state", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OfTwoThatLiveOnOneSends()
    {
        _alice.CopyTo(_folder.Of("copy"));
        await _alice.SendAsync("Bob", ["the first"]);
        await using var copy = Person.Without(_folder.Of("copy"));
        await copy.UnlockAsync();
        await SendOnceBackAsync(copy, "the copy");
        var refused = await RefusedAsync(_alice);
        Assert.Equal(FaceCode.Cloned, refused.Code);
        Assert.Equal(["before", "the first", "the copy"], Texts(await _bob.ReadAsync("Alice")));
    }

    /// <summary>And the other one in its turn: each takes the other's place, and says why it does not send before it has.</summary>
    [Fact]
    public async Task TheOtherIsRecoveredInItsTurn()
    {
        await _alice.EndAgentAsync();
        _alice.CopyTo(_folder.Of("first"));
        await _alice.RestartAsync();
        await _alice.SendAsync("Bob", ["meanwhile"]);
        await _alice.EndAgentAsync();
        _alice.CopyTo(_folder.Of("second"));
        foreach (var (copy, text) in new[] { ("first", "the first"), ("second", "the second"), ("first", "the first again") })
        {
            _alice.PutBack(_folder.Of(copy), "*");
            await _alice.RestartAsync();
            Assert.Equal(FaceCode.Cloned, (await RefusedAsync(_alice)).Code);
            Assert.False((await _alice.RecoverAsync()).Cloned);
            await SendOnceBackAsync(_alice, text);
            await _alice.EndAgentAsync();
        }
        Assert.Equal(["before", "meanwhile", "the first", "the second", "the first again"], Texts(await _bob.ReadAsync("Alice")));
    }

    [Fact]
    public async Task AnOlderKeyFileAloneOpensTheSameStore()
    {
        await _alice.EndAgentAsync();
        _alice.CopyTo(_folder.Of("backup"));
        await _alice.RestartAsync();
        await _alice.SendAsync("Bob", ["meanwhile"]);
        await _alice.EndAgentAsync();
        _alice.PutBack(_folder.Of("backup"), "vault.key");
        await _alice.RestartAsync();
        await _alice.SendAsync("Bob", ["goes on"]);
        Assert.Equal(["before", "meanwhile", "goes on"], Texts(await _bob.ReadAsync("Alice")));
    }

    private static IEnumerable<string> Texts(IEnumerable<MessageAnswer> messages) => messages.Select(static message => message.Text);

    /// <summary>The other's agent has to have lost its connection first, which it learns by itself.</summary>
    private static async Task<FaceException> RefusedAsync(Person person)
    {
        for (long began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Patience; await Task.Delay(Pause))
        {
            try { await person.SendAsync("Bob", ["never"]); }
            catch (FaceException refused) when (refused.Code == FaceCode.Cloned) { return refused; }
            catch (FaceException) { continue; }
            Assert.Fail("both send");
        }
        throw new TimeoutException("it is not told that it is a copy");
    }

    /// <summary>Fellow members add the device again without anybody's doing.</summary>
    private static async Task SendOnceBackAsync(Person person, string text)
    {
        for (long began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(Pause))
        {
            try
            {
                await person.SendAsync("Bob", [text]);
                return;
            }
            catch (FaceException notYet) when (notYet.Code != FaceCode.Cloned && TimeProvider.System.GetElapsedTime(began) < Patience)
            {
                Assert.DoesNotContain("no access", notYet.Message, StringComparison.Ordinal);
            }
        }
    }
}
