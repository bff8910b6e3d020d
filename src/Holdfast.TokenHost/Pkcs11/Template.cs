using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Holdfast.TokenHost.Pkcs11;

/// <summary>CK_ATTRIBUTE (PKCS#11 §3.4).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CkAttribute
{
    internal nuint Type;
    internal byte* Value;
    internal nuint Length;
}

/// <summary>A list of attributes and the bytes they point to, in memory that stays where it is.</summary>
internal sealed unsafe class Template : IDisposable
{
    private const int MostAttributes = 20, ValueBytes = 512;

    private readonly byte[] _memory = GC.AllocateArray<byte>((MostAttributes * sizeof(CkAttribute)) + ValueBytes, pinned: true);
    private int _used = MostAttributes * sizeof(CkAttribute);

    internal CkAttribute* Attributes => (CkAttribute*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);

    internal nuint Count { get; private set; }

    internal Template Add(nuint type, ReadOnlySpan<byte> value)
    {
        if (Count == MostAttributes) throw new InvalidOperationException("a template has too many attributes");
        value.CopyTo(_memory.AsSpan(_used));
        Attributes[Count] = new CkAttribute { Type = type, Value = (byte*)Attributes + _used, Length = (nuint)value.Length };
        _used += (value.Length + 7) & ~7;   // numbers lie where their size says
        Count++;
        return this;
    }

    internal Template Add(nuint type, bool value) => Add(type, [value ? (byte)1 : (byte)0]);

    internal Template Add(nuint type, nuint value) => Add(type, MemoryMarshal.AsBytes([value]));

    public void Dispose() => CryptographicOperations.ZeroMemory(_memory);
}
