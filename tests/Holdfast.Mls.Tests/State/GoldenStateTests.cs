using System.Runtime.CompilerServices;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests;

/// <summary>
/// ATTACKS B-20: groups that were stored once, in <c>Golden</c>, open in every later build, read what was on its way to them, and go on
/// together. When one of these fails, the stored format has changed. If that was not meant, undo it: people's groups would not open.
/// If it was meant, raise <c>StateRoot.Version</c>, keep reading the older formats, describe both in docs/STATE.md, leave the files of
/// older formats as they are, and make those of the new one with HOLDFAST_MAKE_GOLDEN=1 and this class alone.
/// </summary>
public sealed class GoldenStateTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    /// <summary>Of what kinds there is a file, and in which suites.</summary>
    private static readonly (string Kind, ushort[] Suites, Action<CipherSuite, string> Make)[] Kinds =
    [
        ("", [1, 2, 3], GoldenGroup.Make),
        (GoldenGroup.Senders, [1, 2], GoldenGroup.MakeWithExternalSenders),
        (GoldenGroup.Closed, [1, 2], GoldenGroup.MakeClosed),
        (GoldenGroup.Exporting, [1, CipherSuite.HybridCodePoint], GoldenGroup.MakeExporting),
    ];

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Folder, "state-*.json").Select(static path => Path.GetFileName(path)!)];

    public static TheoryData<string> OpenFiles =>
        [.. Files.Select(static row => row.Data).Where(static file => !IsOf(GoldenGroup.Closed, file))];

    public static TheoryData<string> SendersFiles => Of(GoldenGroup.Senders);

    public static TheoryData<string> ClosedFiles => Of(GoldenGroup.Closed);

    public static TheoryData<string> ExportingFiles => Of(GoldenGroup.Exporting);

    [Theory, MemberData(nameof(OpenFiles))]
    public void AStoredGroupOpensReadsAndGoesOn(string file)
    {
        using var stored = GoldenGroup.Read(Path.Combine(Folder, file));
        AssertOpenAndHearing(stored);
        var committing = stored.Members[1].Group.Commit(new CommitOptions(), stored.Random);
        foreach (var member in stored.Members.Where(member => member != stored.Members[1]).ToList())
        {
            switch (member.Group.Handle(committing.Message))
            {
                case Handled.CommitApplied applied: member.Adopt(applied.Next); break;
                case Handled.RemovedFromGroup: stored.Members.Remove(member); member.Dispose(); break;
                case var other: Assert.Fail($"{member.Name}: {other}"); break;
            }
        }
        stored.Members[1].Adopt(committing.Next);
        committing.Current.Dispose();
        foreach (var member in stored.Members)
        {
            byte[] said = member.Say(member.Name);
            foreach (var other in stored.Members.Where(other => other != member)) Assert.Equal(member.Name, other.HearText(said));
            member.Restart();
        }
    }

    [Theory, MemberData(nameof(SendersFiles))]
    public void WhatOutsidersProposedIsStillTheirs(string file)
    {
        using var stored = GoldenGroup.Read(Path.Combine(Folder, file));
        foreach (var member in stored.Members)
        {
            var senders = member.Group.PendingProposals.Select(pending => pending.Sender);
            Assert.Equal([Sender.External(1), Sender.NewMemberProposal, Sender.Member(stored.Members[2].Group.OwnLeaf)], senders);
        }
        var by = stored.Members[1];
        using var dropped = new DroppedCommit(by.Group.Commit(new CommitOptions(), stored.Random));
        var change = dropped.Commit.Change;
        Assert.Equal(["hopeful"], change.Added.Select(added => Client.NameOf(added.Leaf)));
        Assert.Equal(["member 3"], change.Removed.Select(removed => Client.NameOf(removed.Leaf)));
    }

    [Theory, MemberData(nameof(ClosedFiles))]
    public void AClosedGroupStaysClosedAndHasASuccessor(string file)
    {
        using var stored = GoldenGroup.Read(Path.Combine(Folder, file));
        AssertOpenAndHearing(stored);
        foreach (var member in stored.Members)
        {
            Assert.Throws<InvalidOperationException>(() => member.Say("no"));
            Assert.Throws<InvalidOperationException>(() => member.Group.Commit(new CommitOptions(), stored.Random));
        }
        var bundles = stored.Members.Select(member => member.NewKeyPackage()).ToList();
        var options = new NewGroupOptions(
            bundles[0], stored.Members[0].SignatureKey, [.. bundles.Skip(1).Select(bundle => bundle.KeyPackage)], stored.Members[0].Policy);
        var linked = stored.Members[0].Group.Reinitialize(options, stored.Random);
        using (linked.Group)
        {
            Assert.Equal("next"u8.ToArray(), linked.Group.GroupId.ToArray());
            foreach (var (member, self) in stored.Members.Zip(bundles).Skip(1))
            {
                var outcome = Group.Join(linked.Welcome!, self, member.SignatureKey, null, member.Policy, _ => member.Group);
                using var joined = Assert.IsType<JoinOutcome.Joined>(outcome).Group;
                Assert.Equal(linked.Group.EpochAuthenticator.ToArray(), joined.EpochAuthenticator.ToArray());
            }
        }
        foreach (var bundle in bundles) bundle.Dispose();
    }

    [Theory, MemberData(nameof(ExportingFiles))]
    public void WhatWasExportedIsGoneAndTheRestCanBeHadOnce(string file)
    {
        using var stored = GoldenGroup.Read(Path.Combine(Folder, file));
        var (component, secret) = Assert.NotNull(stored.Exported);
        Assert.Throws<InvalidOperationException>(() => stored.Members[0].Group.SafeExport(component));
        Assert.Throws<InvalidOperationException>(() => stored.Members[1].Group.SafeExport((ushort)(component + 1)));
        foreach (var member in stored.Members.Skip(1))
        {
            Assert.Equal(secret, GoldenGroup.Export(member, component));
            member.Restart();
            Assert.Throws<InvalidOperationException>(() => member.Group.SafeExport(component));
        }
        var other = stored.Members.Select(member => Convert.ToHexString(GoldenGroup.Export(member, 0)));
        Assert.Single(other.Distinct());
    }

    [Theory, MemberData(nameof(Files))]
    public void WhatIsStoredOfThePresentFormatIsWrittenAlike(string file)
    {
        using var stored = GoldenGroup.Read(Path.Combine(Folder, file));
        if (stored.Format != StateRoot.Version) return;
        foreach (var (member, bytes) in stored.Members.Zip(stored.States))
            Assert.Equal(RecordsOf(bytes), RecordsOf(Convert.FromHexString(member.State())));
    }

    /// <summary>docs/STATE.md: a state is a set of records, so their order says nothing.</summary>
    private static IEnumerable<string> RecordsOf(byte[] state)
    {
        using var records = StateRecords.Deserialize(state);
        var texts = new List<string>();
        foreach (var record in records) texts.Add($"{Convert.ToHexString(record.Key)} {Convert.ToHexString(record.Value)}");
        return texts.Order(StringComparer.Ordinal);
    }

    [Fact]
    public void EachFormatHasItsFiles()
    {
        for (int format = 1; format <= StateRoot.Version; format++)
        {
            foreach (var (kind, suites, _) in Kinds)
            {
                foreach (ushort suite in suites)
                    Assert.True(File.Exists(GoldenGroup.PathOf(Folder, format, suite, kind)), $"format {format}, suite {suite:x4}{kind}");
            }
        }
    }

    /// <summary>Makes what a new format, or a new kind of file, lacks; files that exist stay as they are.</summary>
    [Fact]
    public void MakeTheFilesThatAreMissing()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("HOLDFAST_MAKE_GOLDEN") == "1", "only when a format is new: HOLDFAST_MAKE_GOLDEN=1");
        foreach (var (_, suites, make) in Kinds)
        {
            foreach (ushort suite in suites) make(CipherSuite.Find(suite)!, SourceFolder());
        }
    }

    private static void AssertOpenAndHearing(GoldenGroup stored)
    {
        foreach (var member in stored.Members) Assert.Equal(stored.Authenticator, member.Group.EpochAuthenticator.ToArray());
        foreach (var (to, message, text) in stored.Late) Assert.Equal(text, stored.Members[to].HearText(message));
        // once only
        foreach (var (to, message, _) in stored.Late) Assert.IsType<Handled.Rejected>(stored.Members[to].Group.Handle(message));
    }

    private static TheoryData<string> Of(string kind) => [.. Files.Select(static row => row.Data).Where(file => IsOf(kind, file))];

    private static bool IsOf(string kind, string file) => file.EndsWith($"{kind}.json", StringComparison.Ordinal);

    private static string SourceFolder([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "..", "Golden");
}
