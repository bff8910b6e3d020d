using System.Buffers;
using System.Globalization;
using Holdfast.Codec;
using Holdfast.Protocol;

namespace Holdfast.Killer;

/// <summary>
/// The steps of the vault, each with a name: before and after everything that makes something durable, and before and after the answer to a call
/// that did. A call that changes nothing has none: whoever dies in it has died after the step before.
/// </summary>
internal sealed class Steps(Death death)
{
    private readonly ArrayBufferWriter<byte> _call = new();
    private int _persisted;

    /// <summary>What came in of the call that is being answered.</summary>
    internal void Take(ReadOnlySpan<byte> bytes) => _call.Write(bytes);

    /// <summary>Does something that makes something durable.</summary>
    internal void Persist(string how, Action persist)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{Call()}: {how} {++_persisted}");
        death.Step($"before {name}");
        persist();
        death.Step($"after {name}");
    }

    /// <summary>Is about to answer.</summary>
    internal void BeginAnswer()
    {
        if (_persisted > 0) death.Step($"before {Call()}: answer");
    }

    /// <summary>Has answered.</summary>
    internal void EndAnswer()
    {
        string call = Call();
        bool any = _persisted > 0;
        _persisted = 0;
        _call.ResetWrittenCount();
        if (any) death.Step($"after {call}: answer");
    }

    private string Call() => _call.WrittenCount < VaultFrame.HeaderBytes
        ? "no call"
        : Tls.Decode<VaultCall>(_call.WrittenSpan[VaultFrame.HeaderBytes..]) switch
        {
            ListAll list => $"ListAll {list.Of}",
            PerformDue due => $"PerformDue {due.Work.Kind}",
            var call => call.GetType().Name,
        };
}
