using Holdfast.Protocol;

namespace Holdfast.Server;

/// <summary>A request is refused and has changed nothing.</summary>
internal sealed class RefusalException(RefusalCode code) : Exception(code.ToString())
{
    public RefusalCode Code { get; } = code;
}
