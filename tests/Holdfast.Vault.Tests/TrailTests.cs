using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

public sealed class TrailTests : IDisposable
{
    private readonly Organisation _organisation = new();

    public void Dispose() => _organisation.Dispose();

    [Fact]
    public void ItSaysWhoOpenedReadBackAndChangedThePasscode()
    {
        var (alice, bob) = (_organisation.Join("Alice"), _organisation.Join("Bob"));
        var log = alice.Create("Team", bob);
        alice.Say(log, "hello");
        alice.Ask<Ok>(new EndVault(false));
        Assert.Throws<InvalidOperationException>(() => Reopened(alice, "wrong"));
        Assert.Throws<InvalidOperationException>(() => Reopened(alice, "wrong too"));
        alice.Restart();
        uint there = (uint)alice.History(log).Count;
        _organisation.Clock.Advance(TimeSpan.FromMinutes(2));
        alice.Ask<Ok>(new ChangeAccess("pass"u8.ToArray(), AccessChange.WipeAfter, default, 9));
        Assert.Equal(
            [(TrailEvent.AccessChanged, 1u), (TrailEvent.HistoryRead, there), (TrailEvent.Opened, 1u), (TrailEvent.WrongPasscodes, 2u)],
            Seen(alice).Take(4).Select(static item => (item.Event, item.Count)));
        Assert.Contains(Seen(alice), static item => item.Event == TrailEvent.InviteMade);   // by which Bob came
    }

    [Fact]
    public void EventsOfAMinuteAreOneItemAndReadingIsOnDiskBeforeItIsAnswered()
    {
        var (alice, bob) = (_organisation.Join("Alice"), _organisation.Join("Bob"));
        var log = alice.Create("Team", bob);
        for (int i = 0; i < 60; i++) alice.Ask<Sealed>(new SealTexts(log, ["hello"]));
        alice.Sync();
        int there = alice.History(log).Count;   // the first of this minute
        int notYet = 0;
        for (int times = 1; times < 4; times++)
        {
            alice.Restart();   // as if it had been killed: nothing is written at the end
            var before = Seen(alice).Where(static item => item.Event == TrailEvent.HistoryRead).Sum(static item => item.Count);
            Assert.InRange(before, (there * times) - notYet, there * times);
            alice.History(log);
            notYet = 100;
        }
    }

    [Fact]
    public void WhatNoProgramOfOursAsksIsNoted()
    {
        var alice = _organisation.Join("Alice");
        alice.Ask<Failed>(new CreateProfile("pass"u8.ToArray(), "Alice again"));
        Assert.Equal(TrailEvent.StrangeCall, Seen(alice)[0].Event);
    }

    [Fact]
    public void TheProfileLocksItselfAsItsOwnerHasChosen()
    {
        var alice = _organisation.Join("Alice");
        Assert.Equal(30, alice.Status.AutoLock);
        alice.Fails(new ChangeAccess("wrong"u8.ToArray(), AccessChange.AutoLock, default, 5), VaultError.WrongPasscode);
        alice.Ask<Ok>(new ChangeAccess("pass"u8.ToArray(), AccessChange.AutoLock, default, 600));
        Assert.Equal(600, alice.Status.AutoLock);
        alice.Dispose();
        using (var locked = new Monitor(alice.Folder, RandomSource.System, _organisation.Clock, PasscodeCost.Least))
        {
            Assert.IsType<Ok>(locked.Answer(Tls.Encode<VaultCall>(new ChangeAccess("pass"u8.ToArray(), AccessChange.AutoLock, default, 0))));
            Assert.Equal(0, Assert.IsType<Status>(locked.Answer(Tls.Encode<VaultCall>(new GetStatus()))).AutoLock);   // says nothing while locked
        }
        alice.Restart();
        Assert.Equal(0, alice.Status.AutoLock);
        Assert.Contains(Seen(alice), static item => item is { Event: TrailEvent.AccessChanged });
    }

    [Fact]
    public void TheOldestItemsGoWhereThereAreTooMany()
    {
        var alice = _organisation.Join("Alice");
        var (store, clock) = (alice.Vault.Store, _organisation.Clock);
        store.Change(() =>
        {
            for (ulong i = 0; i < TrailBook.Most + 5; i++) TrailBook.Put(store, clock, TrailEvent.AccessChanged);
            return true;
        });
        Assert.Equal((int)TrailBook.Most, Seen(alice).Count);
        Assert.DoesNotContain(Seen(alice), static item => item.Event == TrailEvent.Opened);
    }

    /// <summary>Each would be an item of its own, and ten thousand of them would be all there is.</summary>
    [Fact]
    public void NobodyFillsItWithReportsOfCopies()
    {
        var alice = _organisation.Join("Alice");
        for (int times = 0; times < 20; times++) alice.Ask<Ok>(new ReportLogin(LoginOutcome.Cloned));
        Assert.Single(Seen(alice), static item => item.Event == TrailEvent.Cloned);
    }

    private static IReadOnlyList<TrailItem> Seen(Person person) => person.Ask<Trail>(new ListAll(Listed.Trail)).Items;

    private void Reopened(Person person, string passcode)
    {
        using var monitor = new Monitor(person.Folder, RandomSource.System, _organisation.Clock, PasscodeCost.Least);
        if (monitor.Answer(Tls.Encode<VaultCall>(new Unlock(System.Text.Encoding.UTF8.GetBytes(passcode)))) is Failed failed) throw new InvalidOperationException(failed.Reason);
    }
}
