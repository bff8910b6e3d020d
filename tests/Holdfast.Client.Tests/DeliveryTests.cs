using System.Globalization;
using Holdfast.Client.Tests.Support;
using Holdfast.Protocol;
using Holdfast.Tests;

namespace Holdfast.Client.Tests;

/// <summary>ATTACKS D-26: a locked device that fetches, with real agents, vaults and a real server.</summary>
public sealed class DeliveryTests : IAsyncLifetime
{
    private const string Long = "each of these takes ten seconds: the vault's, the server's and the spool's own tests have most of it";

    private static readonly string[] Fifty = [.. Enumerable.Range(1, 50).Select(static number => $"sealed {number}")];

    private readonly TemporaryFolder _folder = new();
    private RealServer _server = null!;
    private Person _alice = null!, _bob = null!, _carol = null!;

    private string Spool => Path.Combine(_folder.Of("alice"), "spool");

    private string DeliveryFile => Path.Combine(_folder.Of("alice"), "vault", "vault.delivery");

    public async ValueTask InitializeAsync()
    {
        _server = await RealServer.StartAsync(_folder.Of("server"));
        _bob = await Person.JoinAsync(_folder.Of("bob"), "Bob", _server.OwnerInvite);
        _alice = await Person.JoinAsync(_folder.Of("alice"), "Alice", await _bob.InviteAsync());
        _carol = await Person.JoinAsync(_folder.Of("carol"), "Carol", await _bob.InviteAsync());
        await _bob.AskAsync(new ContactsCommand());
        await _bob.AskAsync(new GroupCreateCommand("Team", ["Alice"]));
        await _bob.SendAsync("Team", ["before"]);
        await _alice.ReadAsync("Team");
        await _alice.ChooseDeliveryAsync(true);
    }

    public async ValueTask DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
        await _carol.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Locked for longer than the server keeps anything: messages, a change of members, and a new conversation are all there.</summary>
    [Fact]
    public async Task ADeviceThatFetchesLosesNothingToTheServersRetention()
    {
        await LockAsync();
        await SpeakAsync();
        await _server.ForgetAllAsync();
        await _alice.UnlockAsync();
        Assert.Equal(["before", .. Fifty, "with Carol"], Texts(await _alice.ReadAsync("Team")));
        var members = (await _alice.AskAsync(new GroupMembersCommand("Team"))).OfType<MemberAnswer>();
        Assert.Equal(["Alice", "Bob", "Carol"], members.Select(static member => member.Name).Order());
        Assert.Contains((await _alice.AskAsync(new ConversationsCommand())).OfType<ConversationAnswer>(), static conversation => conversation.Name == "Second");
        await SayToAllAsync();
        Assert.False(File.Exists(Spool));   // all that was in it has been opened
    }

    /// <summary>The other side of the same: without the policy, what the server has removed is gone.</summary>
    [Fact(Skip = Long, SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    public async Task ADeviceThatDoesNotFetchLosesIt()
    {
        await _alice.ChooseDeliveryAsync(false);
        await _alice.EndAgentAsync();
        Assert.False(File.Exists(DeliveryFile));
        await _bob.SendAsync("Team", Fifty);
        await _server.ForgetAllAsync();
        await _alice.RestartAsync();
        Assert.Equal(["before"], Texts(await _alice.ReadAsync("Team")));
        Assert.False(File.Exists(Spool));
    }

    [Fact]
    public async Task WhereTheServerIsAwayWhatWasFetchedIsRead()
    {
        await LockAsync();
        await SpeakAsync();
        await _server.KillAsync();
        await _alice.UnlockAsync();
        var (texts, failed) = await _alice.TryReadAsync("Team");
        Assert.Equal(FaceCode.Unreachable, failed);
        Assert.Equal(["before", .. Fifty, "with Carol"], texts);
        Assert.Contains((await _alice.AskAsync(new ConversationsCommand())).OfType<ConversationAnswer>(), static conversation => conversation.Name == "Second");
        await _server.StartAgainAsync();
        await SayToAllAsync();
    }

    [Fact]
    public async Task WhileLockedItTellsHowManyAndNothingElse()
    {
        await LockAsync();
        var before = await _alice.StatusAsync();
        Assert.Equal((0, false, false), (before.Delivery!.Waiting, before.Delivery.IsFull, before.Delivery.IsDamaged));
        await SpeakAsync();
        var status = await _alice.StatusAsync();
        Assert.Equal(("locked", 1, true), (status.State, status.Delivery!.Waiting, status.Connected));   // one has been fetched of; what the inbox has nobody knows
        Assert.Equal((null, null, null, null, null), (status.Name, status.Pin, status.Device, status.Server, status.IdentityKey));
        foreach (var command in (FaceCommand[])[new ReadCommand("Team", false, null, null), new ConversationsCommand(), new SendFileCommand("Team", "/dev/null"), new TrailCommand(3)])
            Assert.Equal(ExitCode.Locked, (await Assert.ThrowsAsync<FaceException>(() => _alice.AskAsync(command))).Exit);
        var wrong = await Assert.ThrowsAsync<FaceException>(() => _alice.AskAsync(new UnlockCommand("wrong"u8.ToArray())));
        Assert.Equal(FaceCode.WrongPasscode, wrong.Code);
        await _bob.SendAsync("Team", ["after the wrong passcode"]);
        await _alice.UnlockAsync();
        Assert.Equal("after the wrong passcode", Texts(await _alice.ReadAsync("Team"))[^1]);
    }

    /// <summary>Another program of the same user has written other bytes into the spool. With the server there, nothing of it is read.</summary>
    [Fact(Skip = Long, SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    public async Task AForgedSpoolTakesNothingFromWhatTheServerHas()
    {
        await LockAsync();
        await SpeakAsync();
        await _alice.DisposeAsync();
        Forge();
        _alice = Person.Without(_folder.Of("alice"));
        await _alice.UnlockAsync();
        Assert.Equal(["before", .. Fifty, "with Carol"], Texts(await _alice.ReadAsync("Team")));
        await SayToAllAsync();
    }

    /// <summary>Without the server it is read as far as it is true, and then waits.</summary>
    [Fact]
    public async Task AForgedSpoolMakesNothingBeLostWithoutTheServerEither()
    {
        await LockAsync();
        await SpeakAsync();
        await _alice.DisposeAsync();
        Forge();
        await _server.KillAsync();
        _alice = Person.Without(_folder.Of("alice"));
        await _alice.UnlockAsync();
        Assert.Equal(["before", .. Fifty[..20]], (await _alice.TryReadAsync("Team")).Texts);
        await _server.StartAgainAsync();
        Assert.Equal(["before", .. Fifty, "with Carol"], Texts(await _alice.ReadAsync("Team")));
    }

    /// <summary>What is in the spool twice, or was opened before, is not opened again.</summary>
    [Fact(Skip = Long, SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    public async Task AnOldSpoolPutBackChangesNothing()
    {
        await LockAsync();
        await SpeakAsync();
        await _alice.DisposeAsync();
        File.Copy(Spool, _folder.Of("old"));
        _alice = Person.Without(_folder.Of("alice"));
        await _alice.UnlockAsync();
        await _alice.ReadAsync("Team");
        await _alice.EndAgentAsync();
        File.Copy(_folder.Of("old"), Spool, overwrite: true);
        await _server.KillAsync();
        await _alice.RestartAsync();
        Assert.Equal(["before", .. Fifty, "with Carol"], (await _alice.TryReadAsync("Team")).Texts);
        await _server.StartAgainAsync();
        Assert.Equal(["before", .. Fifty, "with Carol"], Texts(await _alice.ReadAsync("Team")));
    }

    [Fact(Skip = Long, SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    public async Task TakenBackWhileLockedAllOfItIsGoneAtOnce()
    {
        await LockAsync();
        await SpeakAsync();
        Assert.True(File.Exists(Spool) && File.Exists(DeliveryFile));
        await _alice.ChooseDeliveryAsync(false);
        Assert.False(File.Exists(Spool) || File.Exists(DeliveryFile));
        await _alice.AgentEnded.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);   // nothing keeps a locked agent that does not fetch
        await _alice.RestartAsync();
        Assert.Null((await _alice.StatusAsync()).Delivery);
        Assert.Equal(["before", .. Fifty, "with Carol"], Texts(await _alice.ReadAsync("Team")));
    }

    [Fact(Skip = Long, SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    public async Task ADamagedDeliveryFileIsToldAndHindersNoUnlocking()
    {
        await _alice.EndAgentAsync();
        byte[] file = await File.ReadAllBytesAsync(DeliveryFile, TestContext.Current.CancellationToken);
        file[^1] ^= 1;
        await File.WriteAllBytesAsync(DeliveryFile, file, TestContext.Current.CancellationToken);
        _alice.Start();
        Assert.True((await _alice.StatusAsync()).Delivery!.IsDamaged);
        await _alice.AgentEnded.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);   // it has nothing to do
        await _alice.RestartAsync();
        await LockAsync();
        Assert.False((await _alice.StatusAsync()).Delivery!.IsDamaged);
    }

    /// <summary>kill -9 of the vault while it fetches: the agent ends with it, and the next one goes on.</summary>
    [Fact(Skip = Long, SkipUnless = nameof(LongRun.IsWanted), SkipType = typeof(LongRun))]
    public async Task AVaultThatIsKilledWhileLockedCostsNothing()
    {
        await LockAsync();
        for (int round = 0; round < 5; round++)
        {
            var saying = _bob.SendAsync("Team", Fifty[(round * 10)..((round + 1) * 10)]);
            await _alice.FetchAsync(round == 0 ? 1 : 0);
            await _alice.KillVaultAsync();
            await _alice.AgentEnded.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            await saying;
            _alice.Start();
        }
        await _bob.SendAsync("Team", ["last"]);
        await FetchedAsync("last");
        await _server.ForgetAllAsync();
        await _alice.UnlockAsync();
        Assert.Equal(["before", .. Fifty, "last"], Texts(await _alice.ReadAsync("Team")));
    }

    private static List<string> Texts(IEnumerable<MessageAnswer> messages) => [.. messages.Select(static message => message.Text)];

    private async Task LockAsync()
    {
        await _alice.EndAgentAsync();
        Assert.True(File.Exists(DeliveryFile));
        _alice.Start();
        await _alice.FetchAsync(0);
    }

    /// <summary>Fifty messages, somebody is added, one more, and a conversation that Alice has never seen.</summary>
    private async Task SpeakAsync()
    {
        await _bob.SendAsync("Team", Fifty);
        await _bob.AskAsync(new GroupAddCommand("Team", ["Carol"]));
        await _bob.SendAsync("Team", ["with Carol"]);
        await _bob.AskAsync(new GroupCreateCommand("Second", ["Alice"]));
        await _carol.ReadAsync("Team");
        await FetchedAsync("with Carol", items: 1);
    }

    /// <summary>What is on Alice's disk goes as far as this message of Bob's.</summary>
    private async Task FetchedAsync(string text, int items = 0)
    {
        int least = (int)(await _bob.ReadAllAsync("Team")).Single(message => message.Text == text).Position;
        for (int attempt = 0; attempt < 600; attempt++)
        {
            var records = SpoolFile.Read(Spool).Records;
            int last = records.Where(static record => record.Entry is not null).Select(static record => (int)record.Entry!.Position).DefaultIfEmpty().Max();
            if (last >= least && records.Count(static record => record.Item is not null) >= items) return;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"it has not fetched up to {least}"));
    }

    /// <summary>From the twenty-first message on other bytes, in true places.</summary>
    private void Forge()
    {
        int kept = 0;
        var records = SpoolFile.Read(Spool).Records.Select(record => record.Entry is { Kind: PostKind.Application } entry && ++kept > 20
            ? record with { Entry = entry with { Bytes = new byte[entry.Bytes.Length] } }
            : record).ToList();
        SpoolFile.Replace(Spool, records);
    }

    /// <summary>All three conversations go on in both directions.</summary>
    private async Task SayToAllAsync()
    {
        await _bob.SendAsync("Second", ["here, too"]);
        Assert.Equal("here, too", Texts(await _alice.ReadAsync("Second"))[^1]);
        await _alice.SendAsync("Team", ["read it all"]);
        await _alice.SendAsync("Second", ["and this"]);
        Assert.Equal("read it all", Texts(await _carol.ReadAsync("Team"))[^1]);
        Assert.Equal("and this", Texts(await _bob.ReadAsync("Second"))[^1]);
    }
}
