using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Holdfast.Mls.Interop.Wire;
using Xunit;

namespace Holdfast.Mls.Interop.Tests;

/// <summary>What the scenarios do not ask of the service.</summary>
public sealed class ServiceTests(TwoServers servers) : IClassFixture<TwoServers>
{
    private readonly MLSClient.MLSClientClient _alice = servers.Clients[0], _bob = servers.Clients[1];

    public static IEnumerable<TheoryDataRow<string>> Methods =>
        MLSClient.Descriptor.Methods.Select(method => new TheoryDataRow<string>(method.Name));

    [Fact]
    public async Task SaysItsNameAndItsSuites()
    {
        Assert.Equal("Holdfast", (await _alice.NameAsync(new NameRequest())).Name);
        var suites = (await _alice.SupportedCiphersuitesAsync(new SupportedCiphersuitesRequest())).Ciphersuites;
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], suites.Take(7));
    }

    /// <summary>None is left to the generated class, which would answer that it does not exist.</summary>
    [Theory, MemberData(nameof(Methods))]
    public async Task AnswersEveryMethod(string name)
    {
        var method = MLSClient.Descriptor.FindMethodByName(name);
        var outcome = await Record.ExceptionAsync(() => CallAsync(method));
        if (outcome is RpcException refused) Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        else Assert.Null(outcome);
    }

    [Fact]
    public async Task MembersExportTheSameAndReadEachOther()
    {
        var (alice, bob) = await TalkingAsync();
        var request = new ExportRequest { Label = "label", Context = ByteString.CopyFromUtf8("context"), KeyLength = 48 };
        var exported = (await _alice.ExportAsync(new ExportRequest(request) { StateId = alice })).ExportedSecret;
        Assert.Equal(48, exported.Length);
        Assert.Equal(exported, (await _bob.ExportAsync(new ExportRequest(request) { StateId = bob })).ExportedSecret);
        Assert.Equal(
            (await _alice.StateAuthAsync(new StateAuthRequest { StateId = alice })).StateAuthSecret,
            (await _bob.StateAuthAsync(new StateAuthRequest { StateId = bob })).StateAuthSecret);
    }

    [Fact]
    public async Task ADamagedMessageIsRefusedAndTheGoodOneStillOpens()
    {
        var (alice, bob) = await TalkingAsync();
        var message = (await _alice.ProtectAsync(new ProtectRequest { StateId = alice, Plaintext = ByteString.CopyFromUtf8("hello") })).Ciphertext;
        byte[] damaged = message.ToByteArray();
        damaged[^1] ^= 1;
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await _bob.UnprotectAsync(new UnprotectRequest { StateId = bob, Ciphertext = ByteString.CopyFrom(damaged) }));
        Assert.Equal(StatusCode.Aborted, refused.StatusCode);
        var opened = await _bob.UnprotectAsync(new UnprotectRequest { StateId = bob, Ciphertext = message });
        Assert.Equal("hello", opened.Plaintext.ToStringUtf8());
        await Assert.ThrowsAsync<RpcException>(async () => await _bob.UnprotectAsync(new UnprotectRequest { StateId = bob, Ciphertext = message }));
    }

    [Fact]
    public async Task AFreedStateIsGone()
    {
        var (alice, _) = await TalkingAsync();
        await _alice.FreeAsync(new FreeRequest { StateId = alice });
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await _alice.StateAuthAsync(new StateAuthRequest { StateId = alice }));
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
    }

    private async Task<(uint Alice, uint Bob)> TalkingAsync()
    {
        var package = await _bob.CreateKeyPackageAsync(new CreateKeyPackageRequest { CipherSuite = 1, Identity = ByteString.CopyFromUtf8("bob") });
        var group = await _alice.CreateGroupAsync(new CreateGroupRequest
        {
            CipherSuite = 1,
            GroupId = ByteString.CopyFromUtf8(Guid.NewGuid().ToString()),
            Identity = ByteString.CopyFromUtf8("alice"),
        });
        var add = new ProposalDescription { ProposalType = ByteString.CopyFromUtf8("add"), KeyPackage = package.KeyPackage };
        var commit = await _alice.CommitAsync(new CommitRequest { StateId = group.StateId, ByValue = { add } });
        var state = await _alice.HandlePendingCommitAsync(new HandlePendingCommitRequest { StateId = group.StateId });
        var joined = await _bob.JoinGroupAsync(new JoinGroupRequest { TransactionId = package.TransactionId, Welcome = commit.Welcome });
        Assert.Equal(state.EpochAuthenticator, joined.EpochAuthenticator);
        return (state.StateId, joined.StateId);
    }

    /// <summary>Calls a method with an empty request.</summary>
    private async Task CallAsync(MethodDescriptor method)
    {
        var bytes = Marshallers.Create(static (byte[] message) => message, static message => message);
        var call = new Method<byte[], byte[]>(MethodType.Unary, MLSClient.Descriptor.FullName, method.Name, bytes, bytes);
        await servers.First.Channel.CreateCallInvoker().AsyncUnaryCall(call, null, default, []);
    }
}
