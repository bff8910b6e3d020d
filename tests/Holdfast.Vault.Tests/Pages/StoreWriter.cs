using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Holdfast.Cryptography;

namespace Holdfast.Vault.Tests.Pages;

/// <summary>
/// What a process does that is going to be killed: this program, started with an argument of its own, commits one transaction
/// after the other and says the number of each when it is acknowledged.
/// </summary>
internal static class StoreWriter
{
    internal const string Argument = "--write-store";
    private const int Records = 200;

    private static readonly byte[] Last = [0xfe];

    [ModuleInitializer]
    internal static void RunInstead()
    {
        if (Environment.GetCommandLineArgs() is not [_, Argument, var path]) return;
        using var store = Open(path);
        using var output = Console.OpenStandardOutput();
        for (ulong number = NumberIn(store) + 1; ; number++)
        {
            Commit(store, number);
            output.Write(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture) + "\n"));
            output.Flush();
            if (number % 40 == 0) store.Checkpoint();
        }
    }

    internal static SealedStore Open(string path)
    {
        using var key = Secret.CopyOf(Enumerable.Repeat((byte)7, 32).ToArray());
        return SealedStore.Open(path, key, RandomSource.System);
    }

    internal static ulong NumberIn(SealedStore store) => store.Get(RecordKind.Profile, Last) is { } bytes ? BitConverter.ToUInt64(bytes) : 0;

    internal static void Commit(SealedStore store, ulong number) => store.Change(() =>
    {
        store.Put(RecordKind.Profile, Last, BitConverter.GetBytes(number));
        for (ulong i = 0; i <= number % 5; i++) store.Put(RecordKind.History, Key(number, i), Value(number, i));
        return 0;
    });

    /// <summary>What a record must hold after so many transactions, or null.</summary>
    internal static void Apply(SortedDictionary<ulong, byte[]> records, ulong number)
    {
        for (ulong i = 0; i <= number % 5; i++) records[Place(number, i)] = Value(number, i);
    }

    internal static byte[] KeyOf(ulong place) => SealedStore.Key([], place);

    private static ulong Place(ulong number, ulong i) => ((number * 7) + (i * 31)) % Records;

    private static byte[] Key(ulong number, ulong i) => KeyOf(Place(number, i));

    private static byte[] Value(ulong number, ulong i) =>
        [.. BitConverter.GetBytes(number), .. Enumerable.Repeat((byte)i, (int)(number * 37 % 6000))];
}
