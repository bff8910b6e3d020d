using Grpc.Core;
using Grpc.Core.Interceptors;
using Holdfast.Codec;

namespace Holdfast.Mls.Interop;

/// <summary>Lets one call in at a time, since states change, and tells the runner why a call failed.</summary>
internal sealed class OneAtATime : Interceptor, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        await _turn.WaitAsync(context.CancellationToken);
        try
        {
            return await continuation(request, context);
        }
        catch (MlsException broken)
        {
            throw new RpcException(new Status(StatusCode.Aborted, broken.Rule));
        }
        catch (Exception wrong) when (wrong is CodecException or ArgumentException or KeyNotFoundException or InvalidOperationException)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, wrong.Message));
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
