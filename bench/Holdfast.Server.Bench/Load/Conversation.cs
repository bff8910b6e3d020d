using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Server.Bench.Load;

/// <summary>One log and who talks in it.</summary>
internal sealed class Conversation(int number)
{
    public int Number { get; } = number;

    public LogId Log { get; } = LogId.Of(RandomSource.System.PublicBytes(Id128.Size));

    public SignatureKey AccessKey { get; } = Account.NewKey();

    public List<LoadClient> Members { get; } = [];
}
