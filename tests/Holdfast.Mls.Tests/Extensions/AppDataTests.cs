using Holdfast.Codec;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>draft-ietf-mls-extensions: AppDataUpdate, AppEphemeral, app_data_dictionary, app_components.</summary>
public sealed class AppDataTests : IDisposable
{
    private readonly Room _room = ComponentRoom.Of(4);

    private Client Victim => _room[1];

    public void Dispose() => _room.Dispose();

    [Fact]
    public void EveryStructureReadsBackAsWritten()
    {
        var dictionary = new AppDataDictionary(new ComponentData(9, new byte[] { 1, 2 }), new ComponentData(3, default));
        Assert.Equal([3, 9], dictionary.Entries.Select(entry => entry.Component));
        Same(dictionary);
        Same(new ComponentsList([4, 1, 0x0A0A]));
        Same(new SafeAad(new ComponentData(2, new byte[] { 7 })));
        Same<Proposal>(new SelfRemoveProposal());
        Same<Proposal>(new AppEphemeralProposal(0x8001, new byte[] { 1 }));
        Same<Proposal>(ComponentRoom.Write("text"));
        Same<Proposal>(AppDataUpdateProposal.OfRemoval(0x8001));
        Same<PreSharedKeyId>(new ApplicationPskId(0x8001, new byte[] { 1 }, new byte[32]));
        Assert.Equal("0008800102", Convert.ToHexString(Tls.Encode<Proposal>(AppDataUpdateProposal.OfRemoval(0x8001))));
        Assert.Equal("000A", Convert.ToHexString(Tls.Encode<Proposal>(new SelfRemoveProposal())));
        Assert.Throws<CodecException>(() => Tls.Decode<Proposal>([0, 8, 0x80, 1, 3]));

        static void Same<T>(T value) where T : ITlsStruct<T> =>
            Assert.Equal(Tls.Encode(value), Tls.Encode(Tls.Decode<T>(Tls.Encode(value))));
    }

    [Fact]
    public void ADictionaryIsSortedAndHasOneEntryForEachComponent()
    {
        TreeEdit.Refuses(MlsError.Malformed, "ascending", () => Tls.Decode<AppDataDictionary>([6, 0, 2, 0, 0, 1, 0]));
        TreeEdit.Refuses(MlsError.Malformed, "ascending", () => Tls.Decode<AppDataDictionary>([6, 0, 1, 0, 0, 1, 0]));
        TreeEdit.Refuses(MlsError.Malformed, "ascending", () => Tls.Decode<SafeAad>([6, 0, 2, 0, 0, 1, 0]));
        Assert.Throws<ArgumentException>(() => new AppDataDictionary(new ComponentData(1, default), new ComponentData(1, default)));
        var dictionary = new AppDataDictionary(new ComponentData(1, default)).With(new ComponentData(1, new byte[1]));
        Assert.Equal(1, Assert.Single(dictionary.Entries).Data.Length);
        Assert.Empty(dictionary.Without(1).Entries);
    }

    [Fact]
    public void UpdatesAreMergedInTheCommitsOrderAndNewMembersSeeThem()
    {
        _room.Propose(_room[2], ComponentRoom.Write("b"));
        var commit = _room.Commit(_room[0], ComponentRoom.Committing(ComponentRoom.Write("a")));
        Assert.True(commit.Change.ExtensionsChanged);
        Assert.All(_room.Members, member => Assert.Equal("ab", ComponentRoom.Read(member)));
        var joiner = ComponentRoom.Newcomer(_room, "joiner");
        _room.Add(_room[0], joiner);
        Assert.Equal("ab", ComponentRoom.Read(joiner));
        _room.Commit(joiner, ComponentRoom.Committing(ComponentRoom.Write("c"), ComponentRoom.Write("d")));
        Assert.Equal("abcd", ComponentRoom.Read(Victim));
        _room.Commit(joiner, ComponentRoom.Committing(AppDataUpdateProposal.OfRemoval(ComponentRoom.Journal)));
        Assert.Null(ComponentRoom.Read(Victim));
    }

    [Fact]
    public void DataForACommitReachesEverybodyInItsOrder()
    {
        Proposal[] proposals =
            [
                new AppEphemeralProposal(ComponentRoom.Journal, "1"u8.ToArray()),
                new AppEphemeralProposal(ComponentRoom.Journal, "2"u8.ToArray()),
            ];
        var pending = _room[0].Group.Commit(ComponentRoom.Committing(proposals), _room.Random);
        var applied = Victim.TakeCommit(pending.Message);
        Assert.Equal([(byte)'1', (byte)'2'], applied.Change.Ephemeral.Select(ephemeral => ephemeral.Data.Span[0]));
        Assert.Equal(2, pending.Change.Ephemeral.Count);
        Assert.Empty(applied.Change.Updated);   // no path was needed
        pending.Current.Dispose();
        pending.Next.Dispose();
    }

    [Fact]
    public void WhatTheApplicationDoesNotKnowOrAcceptIsRefused()
    {
        Refused(
            "AppEphemeral of a component that is not known",
            MlsError.InvalidProposal,
            new AppEphemeralProposal(ComponentRoom.Unknown, default));
        Refused(
            "does not accept the AppEphemeral",
            MlsError.InvalidProposal,
            new AppEphemeralProposal(ComponentRoom.Journal, "bad"u8.ToArray()));
        Refused(
            "AppDataUpdate of a component that is not known",
            MlsError.InvalidProposal,
            AppDataUpdateProposal.OfUpdate(ComponentRoom.Unknown, default));
        Refused("does not accept an AppDataUpdate", MlsError.InvalidProposalList, ComponentRoom.Write("bad"));
        Refused("removes data that is not there", MlsError.InvalidProposal, AppDataUpdateProposal.OfRemoval(ComponentRoom.Journal));
        var psk = new PreSharedKeyProposal(new ApplicationPskId(ComponentRoom.Unknown, default, new byte[32]));
        Refused("a pre-shared key of a component that is not known", MlsError.InvalidProposal, psk);
    }

    [Fact]
    public void ARemovalStandsAlone()
    {
        _room.Commit(_room[0], ComponentRoom.Committing(ComponentRoom.Write("a")));
        var removal = AppDataUpdateProposal.OfRemoval(ComponentRoom.Journal);
        foreach (var list in (Proposal[][])[[removal, removal], [removal, ComponentRoom.Write("b")], [ComponentRoom.Write("b"), removal]])
            Refused("stands beside another", MlsError.InvalidProposalList, list);
    }

    [Fact]
    public void WhereAppDataUpdateIsRequiredNothingElseChangesTheDictionary()
    {
        var required = new Extension(
            ExtensionType.RequiredCapabilities,
            Tls.Encode(new RequiredCapabilities([CodePoints.AppDataDictionary], [CodePoints.AppDataUpdate], [])));
        _room.Commit(_room[0], ComponentRoom.Committing(ComponentRoom.Write("a")));
        var dictionary = Victim.Group.AppData!.ToExtension();
        _room.Commit(_room[0], ComponentRoom.Committing(new GroupContextExtensionsProposal([required, dictionary])));
        var other = new Extension(Client.KnownExtension, default);
        _room.Commit(
            _room[0],
            ComponentRoom.Committing(new GroupContextExtensionsProposal([required, other, dictionary]), ComponentRoom.Write("b")));
        Assert.Equal("ab", ComponentRoom.Read(Victim));
        Refused("must not change app_data_dictionary", MlsError.InvalidProposal, new GroupContextExtensionsProposal([required]));
        var changed = new AppDataDictionary(new ComponentData(ComponentRoom.Journal, "forged"u8.ToArray())).ToExtension();
        Refused("must not change app_data_dictionary", MlsError.InvalidProposal, new GroupContextExtensionsProposal([required, changed]));
    }

    [Fact]
    public void AMemberWhoDoesNotSupportAProposalTypeNeverMeetsIt()
    {
        using var mixed = Room.Of(3);
        foreach (var proposal in (Proposal[])[ComponentRoom.Write("a"), new AppEphemeralProposal(ComponentRoom.Journal, default)])
        {
            mixed[1].Refuse(RogueCommit.Of(mixed[0], proposal), MlsError.InvalidProposalList);
            TreeEdit.Refuses(
                MlsError.InvalidProposalList, "§12.2", () => mixed[0].Group.Commit(ComponentRoom.Committing(proposal), mixed.Random));
            TreeEdit.Refuses(MlsError.InvalidProposal, "not known", () => mixed[0].Propose(proposal));
        }
        using var alone = ComponentRoom.Of(3, client =>
        {
            if (client.Name == "member 2") client.Capabilities = client.Capabilities with { Proposals = [] };
        });
        TreeEdit.Refuses(MlsError.InvalidProposalList, "§12.2", () => alone[0].Propose(new SelfRemoveProposal()));
        var both = ComponentRoom.Committing(ComponentRoom.Write("a"), new RemoveProposal(alone[2].Group.OwnLeaf));
        alone.Commit(alone[0], both);   // who is removed need not support it
        Assert.Equal("a", ComponentRoom.Read(alone[1]));
    }

    [Fact]
    public void AKeyOfAComponentIsApartFromAllOthers()
    {
        using var psk = Secret.Random(32, _room.Random);
        var id = new ApplicationPskId(ComponentRoom.Journal, "key"u8.ToArray(), _room.Random.PublicBytes(32));
        foreach (var member in _room.Members)
        {
            member.Policy = member.Policy with
            {
                Psks = asked => asked is ApplicationPskId { Component: ComponentRoom.Journal } named && named.Id.Span.SequenceEqual("key"u8)
                    ? psk
                    : null,
            };
            member.Restart();
        }
        _room.Commit(_room[0], ComponentRoom.Committing(new PreSharedKeyProposal(id)));
        _room.Say(_room[2], "with the component's key");
        using var plain = Room.Of(2);
        TreeEdit.Refuses(
            MlsError.InvalidProposalList, "§12.2", () =>
                plain[0].Group.Commit(ComponentRoom.Committing(new PreSharedKeyProposal(id)), plain.Random));
    }

    [Fact]
    public void AnUpdateThatNeedsOneExtensionTooManyIsRefused()
    {
        ushort[] types = [.. Enumerable.Range(0xF100, MlsLimits.MaxExtensions).Select(type => (ushort)type)];
        using var room = ComponentRoom.Of(2, client =>
            client.Capabilities = client.Capabilities with { Extensions = [.. client.Capabilities.Extensions, .. types] });
        Extension[] extensions = [.. types.Select(type => new Extension(type, default))];
        room.Commit(room[0], ComponentRoom.Committing(new GroupContextExtensionsProposal(extensions)));
        room[1].Refuse(RogueCommit.Of(room[0], ComponentRoom.Write("a")), MlsError.TooLarge);
        room.Commit(room[0], ComponentRoom.Committing(new GroupContextExtensionsProposal(extensions[1..])));
        room.Commit(room[0], ComponentRoom.Committing(ComponentRoom.Write("a")));
    }

    [Fact]
    public void AGroupsRequiredComponentsAreSupportedByEveryLeaf()
    {
        var list = new ComponentsList([CodePoints.AppComponents, CodePoints.SafeAad, ComponentRoom.Journal])
            .ToEntry(CodePoints.AppComponents);
        var supporting = new LeafChanges { Extensions = [new AppDataDictionary(list).ToExtension()] };
        foreach (var member in _room.Members.Skip(1)) _room.Commit(member, new CommitOptions { LeafChanges = supporting });
        var required = new ComponentsList([ComponentRoom.Journal]).ToEntry(CodePoints.AppComponents);
        var options = ComponentRoom.Committing(AppDataUpdateProposal.OfUpdate(CodePoints.AppComponents, required.Data));
        TreeEdit.Refuses(
            MlsError.InvalidLeafNode, "a component that the group requires", () => _room[1].Group.Commit(options, _room.Random));
        Victim.Refuse(RogueCommit.Of(_room[0], options.Proposals), MlsError.InvalidLeafNode);
        _room.Commit(_room[0], options with { LeafChanges = supporting });
        var joiner = ComponentRoom.Newcomer(_room, "without");
        using var self = joiner.NewKeyPackage();
        TreeEdit.Refuses(
            MlsError.InvalidLeafNode,
            "a component that the group requires",
            () => _room[0].Group.Commit(new CommitOptions { Proposals = [new AddProposal(self.KeyPackage)] }, _room.Random));
    }

    private void Refused(string rule, MlsError error, params IReadOnlyList<Proposal> proposals)
    {
        Assert.Contains(rule, Victim.Refuse(RogueCommit.Of(_room[0], proposals), error).Rule, StringComparison.Ordinal);
        TreeEdit.Refuses(error, rule, () => _room[0].Group.Commit(ComponentRoom.Committing(proposals), _room.Random));
    }
}
