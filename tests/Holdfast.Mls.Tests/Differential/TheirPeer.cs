using System.Text.Json.Nodes;
using Holdfast.Cryptography;
using Xunit;

namespace Holdfast.Mls.Tests.Differential;

/// <summary>A member that is the other implementation's.</summary>
internal sealed class TheirPeer : Peer
{
    private readonly TsMls _theirs;
    private Standing? _standing;

    internal TheirPeer(string name, CipherSuite suite, TsMls theirs) : base(name)
    {
        _theirs = theirs;
        Ask("new", new JsonObject { ["suite"] = suite.Id, ["extensionTypes"] = new JsonArray(Client.KnownExtension) });
    }

    internal override byte[] KeyPackage() => Bytes(Ask("keyPackage"), "message");

    internal override void Know(byte[] pskId, byte[] psk) => Ask("psk", new JsonObject { ["id"] = Hex(pskId), ["value"] = Hex(psk) });

    internal override void Found(byte[] groupId)
    {
        KeyPackage();
        Keep(Ask("create", new JsonObject { ["groupId"] = Hex(groupId), ["context"] = new JsonArray() }));
    }

    internal override byte[] GroupInfo(bool withTree) => Bytes(Ask("groupInfo", new JsonObject { ["withTree"] = withTree }), "message");

    internal override byte[] Say(byte[] text) => Bytes(Ask("say", new JsonObject { ["text"] = Hex(text), ["data"] = "01" }), "message");

    internal override byte[] Propose(Wish wish, bool open) =>
        Bytes(Ask("propose", new JsonObject { ["open"] = open, ["what"] = Json(wish) }), "message");

    /// <summary>It makes a path only where one must be, so <paramref name="forcePath"/> says nothing to it.</summary>
    internal override Committed Commit(IReadOnlyList<Wish> wishes, bool open, bool treeInWelcome, bool forcePath)
    {
        var made = Ask("commit", new JsonObject
        {
            ["open"] = open,
            ["treeInWelcome"] = treeInWelcome,
            ["proposals"] = new JsonArray([.. wishes.Select(Json)]),
        });
        Keep(made);
        return new Committed(Bytes(made, "message"), made["welcome"] is null ? null : Bytes(made, "welcome"));
    }

    internal override byte[] Hear(byte[] message) => Bytes(Handle(message), "plaintext");

    internal override void TakeProposal(byte[] message) => Handle(message);

    internal override bool TakeCommit(byte[] message, bool updated)
    {
        var handled = Handle(message, updated);
        if (handled["removed"] is not null) return false;
        Keep(handled);
        return true;
    }

    internal override Standing Standing() => _standing ?? throw new InvalidOperationException($"{Name} is in no group");

    protected override (byte[]? Commit, string? Refusal) TryJoinExternally(byte[] groupInfo, byte[]? tree, bool again)
    {
        KeyPackage();
        var joined = _theirs.Try("joinExternally", new JsonObject
        {
            ["name"] = Name,
            ["groupInfo"] = Hex(groupInfo),
            ["ratchetTree"] = tree is null ? null : Hex(tree),
            ["again"] = again,
        });
        if (joined["error"] is { } error) return (null, error.GetValue<string>());
        Keep(joined);
        return (Bytes(joined, "message"), null);
    }

    protected override string? TryJoin(byte[] welcome, byte[]? tree)
    {
        var request = new JsonObject { ["name"] = Name, ["welcome"] = Hex(welcome), ["ratchetTree"] = tree is null ? null : Hex(tree) };
        var joined = _theirs.Try("join", request);
        if (joined["error"] is { } error) return error.GetValue<string>();
        Keep(joined);
        return null;
    }

    private JsonObject Handle(byte[] message, bool updated = false) =>
        Ask("handle", new JsonObject { ["message"] = Hex(message), ["updated"] = updated });

    private JsonObject Ask(string operation, JsonObject? request = null)
    {
        request ??= [];
        request["name"] = Name;
        return _theirs.Ask(operation, request);
    }

    private void Keep(JsonObject answer) => _standing = new Standing(
        answer["epoch"]!.GetValue<ulong>(),
        Text(answer, "authenticator"),
        Text(answer, "exported"),
        Text(answer, "treeHash"),
        Text(answer, "transcript"),
        Text(answer, "ratchetTree"))
    {
        Leaf = answer["leaf"]!.GetValue<uint>(),
    };

    private static JsonNode Json(Wish wish) => wish switch
    {
        Wish.Add add => new JsonObject { ["type"] = "add", ["keyPackage"] = Hex(add.KeyPackage) },
        Wish.Remove remove => new JsonObject { ["type"] = "remove", ["removed"] = remove.Leaf },
        Wish.External external => new JsonObject { ["type"] = "psk", ["id"] = Hex(external.Id), ["nonce"] = Hex(external.Nonce) },
        Wish.Resumption resumption => new JsonObject
        {
            ["type"] = "resumption",
            ["groupId"] = Hex(resumption.GroupId),
            ["epoch"] = resumption.Epoch,
            ["nonce"] = Hex(resumption.Nonce),
        },
        _ => new JsonObject { ["type"] = "update" },
    };

    private static string Text(JsonObject answer, string member) => answer[member]!.GetValue<string>();

    private static byte[] Bytes(JsonObject answer, string member)
    {
        Assert.NotNull(answer[member]);
        return Convert.FromHexString(Text(answer, member));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
