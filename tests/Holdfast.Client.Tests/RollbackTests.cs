using Holdfast.Client.Tests.Support;

namespace Holdfast.Client.Tests;

/// <summary>ATTACKS B-19, D-7: a profile is copied or put back, with real agents, vaults and a real server.</summary>
public sealed class RollbackTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1), Pause = TimeSpan.FromMilliseconds(200);

    private TwoPeople _two = null!;

    private Person Alice => _two.Alice;

    private Person Bob => _two.Bob;

    public async ValueTask InitializeAsync()
    {
        _two = await TwoPeople.MeetAsync();
        await Alice.SendAsync("Bob", ["before"]);
    }

    public ValueTask DisposeAsync() => _two.DisposeAsync();

    /// <summary>The store alone, as it was before the last login.</summary>
    [Fact]
    public async Task WhatIsPutBackSendsNothingUntilItIsRecoveredAndThenWithFreshKeys()
    {
        await GoOnBehindACopyAsync("backup");
        Alice.PutBack(_two.Folder.Of("backup"), "vault.db*");
        await Alice.RestartAsync();
        var refused = await Assert.ThrowsAsync<FaceException>(() => Alice.SendAsync("Bob", ["from the past"]));
        Assert.Equal(FaceCode.Cloned, refused.Code);
        Assert.Contains("holdfast recover", refused.Message, StringComparison.Ordinal);
        Assert.True((await Alice.AskAsync(new StatusCommand())).OfType<StatusAnswer>().Single().Cloned);
        Assert.False((await Alice.RecoverAsync()).Cloned);
        await SendOnceBackAsync(Alice, "back");
        Assert.Equal(["before", "meanwhile", "back"], Texts(await Bob.ReadAsync("Alice")));
        Assert.Equal(["before", "meanwhile", "back"], Texts(await Alice.ReadAsync("Bob")).Where(static text => !text.StartsWith("This device", StringComparison.Ordinal)));
    }

    /// <summary>The whole folder. The counter says nothing of what was sent since the last login: the log does, and nobody is asked anything.</summary>
    [Fact]
    public async Task WhatIsPutBackToWithinASessionComesBackByItself()
    {
        Alice.CopyTo(_two.Folder.Of("backup"));
        await Alice.SendAsync("Bob", ["meanwhile", "and more"]);
        await Alice.KillVaultAsync();
        await Alice.AgentEnded.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Alice.PutBack(_two.Folder.Of("backup"), "*");
        await Alice.RestartAsync();
        await SendOnceBackAsync(Alice, "back");
        Assert.Equal(["before", "meanwhile", "and more", "back"], Texts(await Bob.ReadAsync("Alice")));
        Assert.Contains(await Alice.ReadAsync("Bob"), static line => line.Text.Contains("put back to an earlier state", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OfTwoThatLiveOnOneSends()
    {
        Alice.CopyTo(_two.Folder.Of("copy"));
        await Alice.SendAsync("Bob", ["the first"]);
        await using var copy = Person.Without(_two.Folder.Of("copy"));
        await copy.UnlockAsync();
        await SendOnceBackAsync(copy, "the copy");
        var refused = await RefusedAsync(Alice);
        Assert.Equal(FaceCode.Cloned, refused.Code);
        Assert.Equal(["before", "the first", "the copy"], Texts(await Bob.ReadAsync("Alice")));
    }

    /// <summary>And the other one in its turn: each takes the other's place, and says why it does not send before it has.</summary>
    [Fact]
    public async Task TheOtherIsRecoveredInItsTurn()
    {
        await GoOnBehindACopyAsync("first");
        Alice.CopyTo(_two.Folder.Of("second"));
        foreach (var (copy, text) in new[] { ("first", "the first"), ("second", "the second"), ("first", "the first again") })
        {
            Alice.PutBack(_two.Folder.Of(copy), "*");
            await Alice.RestartAsync();
            Assert.Equal(FaceCode.Cloned, (await RefusedAsync(Alice)).Code);
            Assert.False((await Alice.RecoverAsync()).Cloned);
            await SendOnceBackAsync(Alice, text);
            await Alice.EndAgentAsync();
        }
        Assert.Equal(["before", "meanwhile", "the first", "the second", "the first again"], Texts(await Bob.ReadAsync("Alice")));
    }

    [Fact]
    public async Task AnOlderKeyFileAloneOpensTheSameStore()
    {
        await GoOnBehindACopyAsync("backup");
        Alice.PutBack(_two.Folder.Of("backup"), "vault.key");
        await Alice.RestartAsync();
        await Alice.SendAsync("Bob", ["goes on"]);
        Assert.Equal(["before", "meanwhile", "goes on"], Texts(await Bob.ReadAsync("Alice")));
    }

    /// <summary>Copies the locked profile, and sends something more from it.</summary>
    private async Task GoOnBehindACopyAsync(string copy)
    {
        await Alice.EndAgentAsync();
        Alice.CopyTo(_two.Folder.Of(copy));
        await Alice.RestartAsync();
        await Alice.SendAsync("Bob", ["meanwhile"]);
        await Alice.EndAgentAsync();
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
