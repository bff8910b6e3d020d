using Grpc.Core;
using Holdfast.Cryptography;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop;

/// <summary>
/// The working group's MLSClient service over the public interface of our library; <see cref="OneAtATime"/> stands in front of it. Each
/// method is one step of a scenario.
/// </summary>
internal sealed partial class MlsClientService(ClientStates states) : MLSClient.MLSClientBase
{
    public override Task<NameResponse> Name(NameRequest request, ServerCallContext context) =>
        Task.FromResult(new NameResponse { Name = "Holdfast" });

    public override Task<SupportedCiphersuitesResponse> SupportedCiphersuites(
        SupportedCiphersuitesRequest request, ServerCallContext context) =>
        Task.FromResult(new SupportedCiphersuitesResponse { Ciphersuites = { CipherSuite.All.Select(suite => (uint)suite.Id) } });

    public override Task<CreateGroupResponse> CreateGroup(CreateGroupRequest request, ServerCallContext context)
    {
        using var self = Newcomer.Create(request.CipherSuite, request.Identity.ToByteArray());
        return Task.FromResult(new CreateGroupResponse
        {
            StateId = states.Keep(self.Found(request.GroupId.ToByteArray(), request.EncryptHandshake)),
        });
    }

    public override Task<CreateKeyPackageResponse> CreateKeyPackage(CreateKeyPackageRequest request, ServerCallContext context)
    {
        var newcomer = Newcomer.Create(request.CipherSuite, request.Identity.ToByteArray());
        return Task.FromResult(new CreateKeyPackageResponse
        {
            TransactionId = states.Keep(newcomer),
            KeyPackage = newcomer.KeyPackageMessage.ToWire(),
            InitPriv = newcomer.Bundle.InitKey.RevealPrivateKey().ToArray().ToWire(),
            EncryptionPriv = newcomer.Bundle.LeafKey.RevealPrivateKey().ToArray().ToWire(),
            SignaturePriv = newcomer.SignatureKey.RevealPrivateKey().ToArray().ToWire(),
        });
    }

    public override Task<JoinGroupResponse> JoinGroup(JoinGroupRequest request, ServerCallContext context)
    {
        var member = states.Find<Newcomer>(request.TransactionId)
            .Join(request.Welcome.Span, request.RatchetTree.Memory, request.EncryptHandshake);
        states.Free(request.TransactionId);
        return Task.FromResult(new JoinGroupResponse { StateId = states.Keep(member), EpochAuthenticator = Authenticator(member) });
    }

    public override Task<FreeResponse> Free(FreeRequest request, ServerCallContext context)
    {
        states.Free(request.StateId);
        return Task.FromResult(new FreeResponse());
    }

    private static Google.Protobuf.ByteString Authenticator(MemberState member) => member.Group.EpochAuthenticator.ToWire();
}
