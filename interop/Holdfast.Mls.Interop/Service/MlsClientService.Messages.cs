using Grpc.Core;
using Holdfast.Mls.Interop.Wire;

namespace Holdfast.Mls.Interop;

/// <summary>What a member sees, sends and reads.</summary>
internal sealed partial class MlsClientService
{
    public override Task<GroupInfoResponse> GroupInfo(GroupInfoRequest request, ServerCallContext context)
    {
        var group = states.Member(request.StateId).Group;
        return Task.FromResult(new GroupInfoResponse
        {
            GroupInfo = group.GroupInfoMessage(withTree: !request.ExternalTree, withExternalKey: true).ToWire(),
            RatchetTree = (request.ExternalTree ? group.EncodeTree() : null).ToWire(),
        });
    }

    public override Task<StateAuthResponse> StateAuth(StateAuthRequest request, ServerCallContext context) =>
        Task.FromResult(new StateAuthResponse { StateAuthSecret = Authenticator(states.Member(request.StateId)) });

    public override Task<ExportResponse> Export(ExportRequest request, ServerCallContext context)
    {
        using var exported = states.Member(request.StateId).Group
            .Export(request.Label, request.Context.Span, checked((int)request.KeyLength));
        return Task.FromResult(new ExportResponse { ExportedSecret = exported.Reveal().ToArray().ToWire() });
    }

    public override Task<ProtectResponse> Protect(ProtectRequest request, ServerCallContext context)
    {
        byte[] message = states.Member(request.StateId).Protect(request.Plaintext.Span, request.AuthenticatedData.Span);
        return Task.FromResult(new ProtectResponse { Ciphertext = message.ToWire() });
    }

    public override Task<UnprotectResponse> Unprotect(UnprotectRequest request, ServerCallContext context)
    {
        var (authenticatedData, plaintext) = states.Member(request.StateId).Unprotect(request.Ciphertext.Span);
        return Task.FromResult(new UnprotectResponse { AuthenticatedData = authenticatedData.ToWire(), Plaintext = plaintext.ToWire() });
    }

    public override Task<StorePSKResponse> StorePSK(StorePSKRequest request, ServerCallContext context)
    {
        var psks = states.Any(request.StateOrTransactionId) switch
        {
            MemberState member => member.Psks,
            Newcomer newcomer => newcomer.Psks,
            _ => throw new ArgumentException("the number is of nobody who has pre-shared keys"),
        };
        psks.Store(request.PskId.Span, request.PskSecret.Span);
        return Task.FromResult(new StorePSKResponse());
    }
}
