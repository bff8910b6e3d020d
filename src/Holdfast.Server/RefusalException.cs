using Holdfast.Protocol;

namespace Holdfast.Server;

/// <summary>A request is refused and has changed nothing.</summary>
/// <param name="code">Why.</param>
/// <param name="status">The HTTP status, where it is another than the code's own.</param>
internal sealed class RefusalException(RefusalCode code, int? status = null) : Exception(code.ToString())
{
    public RefusalCode Code { get; } = code;

    public int? Status { get; } = status;
}
