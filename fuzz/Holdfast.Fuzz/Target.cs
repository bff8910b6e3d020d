using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Mls;

namespace Holdfast.Fuzz;

/// <summary>Something that reads bytes of strangers.</summary>
internal abstract class Target(string name, IReadOnlyList<byte[]> seeds)
{
    internal string Name => name;

    /// <summary>Valid inputs, from which others are made.</summary>
    internal IReadOnlyList<byte[]> Seeds => seeds;

    /// <summary>What is read of an input, where a stranger needs some work to make it; that is not measured.</summary>
    internal virtual byte[] Prepare(byte[] input) => input;

    /// <summary>Reads the input; throws a declared exception where it refuses.</summary>
    internal abstract object? Read(ReadOnlySpan<byte> input);

    /// <summary>The most memory, in bytes, that reading the input may take.</summary>
    internal virtual long MostBytes(byte[] input) => Oracle.FreeBytes + (8L * input.Length);

    /// <summary>The one encoding of what was read, or null where there is none to compare with.</summary>
    internal virtual byte[]? Write(object value) => null;

    public override string ToString() => name;
}

/// <summary>One structure of the protocol.</summary>
internal sealed class StructTarget<T>(IReadOnlyList<byte[]> seeds) : Target(typeof(T).Name, seeds) where T : ITlsStruct<T>
{
    internal override object? Read(ReadOnlySpan<byte> input) => Tls.Decode<T>(input);

    internal override byte[] Write(object value) => Tls.Encode((T)value);
}

/// <summary>RFC 9420 §12.4.3.3: a ratchet tree.</summary>
internal sealed class TreeTarget(IReadOnlyList<byte[]> seeds) : Target(nameof(RatchetTree), seeds)
{
    internal override object? Read(ReadOnlySpan<byte> input) => RatchetTree.Decode(CipherSuite.Mandatory, input);

    internal override byte[] Write(object value) => ((RatchetTree)value).Encode();
}

/// <summary>A member that gets bytes from anybody.</summary>
internal sealed class HandleTarget(Circle circle) : Target("Group.Handle", circle.Messages)
{
    internal override object? Read(ReadOnlySpan<byte> input)
    {
        circle.Deliver(input);
        return null;
    }
}

/// <summary>A member that gets proposals and commits which another member has signed, whatever they say.</summary>
internal sealed class InsiderTarget(Circle circle) : Target("Group.Handle, from a member", circle.Contents)
{
    /// <summary>What a member has signed is worked through, proposal by proposal, before anything can be said of it.</summary>
    internal override long MostBytes(byte[] input) => Oracle.FreeBytes + (64L * input.Length);

    internal override byte[] Prepare(byte[] input)
    {
        if (input.Length == 0) throw new CodecException("no tag");
        Content content = (input[0] & 1) == 0
            ? new ProposalContent(Tls.Decode<Proposal>(input.AsSpan(1)))
            : new CommitContent(Tls.Decode<Commit>(input.AsSpan(1)));
        return circle.Sign(content, (input[0] & 2) == 0 ? WireFormat.PrivateMessage : WireFormat.PublicMessage);
    }

    internal override object? Read(ReadOnlySpan<byte> input)
    {
        circle.Deliver(input);
        return null;
    }
}

/// <summary>A client that gets Welcomes from anybody.</summary>
internal sealed class JoinTarget(Circle circle) : Target("Group.Join", circle.Welcomes)
{
    internal override object? Read(ReadOnlySpan<byte> input)
    {
        circle.Welcome(input);
        return null;
    }
}
