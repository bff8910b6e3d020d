using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;

namespace Holdfast.Vault.Tests;

/// <summary>Somebody else under a person's PIN, as a server can make one: everything about it is genuine but the identity key.</summary>
internal sealed class Impostor : IDisposable
{
    /// <summary>A group under no rules but those of MLS: what a program can do that is no vault.</summary>
    internal static readonly GroupPolicy Lenient = new() { AcceptLeaf = static (_, _) => true, Suites = ConversationSuite.Only };

    private readonly Organisation _organisation;

    internal Impostor(Organisation organisation, Pin pin)
    {
        (_organisation, Person) = (organisation, new Person(organisation, "Impostor" + Convert.ToHexString(RandomSource.System.PublicBytes(8))));
        Person.Ask<Ok>(new CreateProfile("pass"u8.ToArray(), "Carol"));
        Person.Ask<RegistrationReady>(new BeginRegistration(new Invite("https://127.0.0.1:1", organisation.ServerKey, new byte[16], null).ToLink()));
        Person.Ask<Ok>(new CompleteRegistration(pin));
        Person.Pin = pin;
    }

    internal Person Person { get; }

    internal KeyPackage KeyPackage() => KeyPackageOf(Person);

    internal static KeyPackage KeyPackageOf(Person person) => Tls.Decode<KeyPackage>(Organisation.Claim(person).KeyPackages.Packages[0].Span);

    /// <summary>A person's group, in the hands of a program that is no vault.</summary>
    internal static Group Free(Person person, LogId log)
    {
        using var records = person.Vault.Groups.Load(log).Records();
        return Group.Restore(records, person.Vault.Profile.Leaf, Lenient);
    }

    /// <summary>A person commits in the log what its vault would not.</summary>
    internal static PendingCommit Commit(Organisation organisation, Person by, LogId log, params Proposal[] proposals)
    {
        var id = MessageId.Of(RandomSource.System.PublicBytes(16));
        var options = new CommitOptions { Proposals = proposals, AuthenticatedData = AuthenticatedData.For(id), Now = organisation.Clock.GetUtcNow() };
        var pending = Free(by, log).Commit(options, RandomSource.System);
        organisation.Inject(log, PostKind.Commit, id, pending.Message);
        return pending;
    }

    /// <summary>It joins by a Welcome, and says something.</summary>
    internal Group Speak(LogId log, byte[] welcome, string text)
    {
        var vault = Person.Vault;
        using var bundle = vault.KeyPackages.Find(Tls.Decode<MlsMessage>(welcome).Welcome!)!;
        var joined = Assert.IsType<JoinOutcome.Joined>(Group.Join(welcome, bundle, vault.Profile.Leaf, null, Lenient)).Group;
        var id = vault.NewMessageId();
        var said = joined.Protect(Envelope.Pad(Contents.Text(vault, log, text)), AuthenticatedData.For(id), RandomSource.System);
        _organisation.Inject(log, PostKind.Application, id, said.Message);
        return said.Next;
    }

    public void Dispose() => Person.Dispose();
}
