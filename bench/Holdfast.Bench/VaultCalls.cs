using System.Buffers.Binary;
using System.Diagnostics;

namespace Holdfast.Bench;

/// <summary>The vault's process by itself: how soon it answers, what one call over its pipe takes, and what it occupies.</summary>
internal sealed class VaultCalls(string program, string folder)
{
    private const double RoundTripBar = 15, StartBar = 50, AtRestBar = 40;
    private const int Calls = 20_000, Warm = 2_000;

    private static readonly byte[] _status = [0, 0, 0, 1, 1];   // GetStatus: answered in every state, with about 80 bytes when open
    private static readonly byte[] _create = [0, 0, 0, 11, 2, 5, .. "bench"u8, 3, .. "Bob"u8];   // CreateProfile

    public IReadOnlyList<Measurement> Measure(int runs)
    {
        var (started, called, resident) = (new List<double>(), new List<double>(), new List<double>());
        for (int run = 0; run < runs; run++)
        {
            long began = Stopwatch.GetTimestamp();
            using var vault = Start(Path.Combine(folder, $"vault-{run}"));
            Call(vault, _status);
            started.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            Call(vault, _create);
            called.Add(RoundTrip(vault));
            Thread.Sleep(500);
            resident.Add(ProcessMemory.Resident(vault.Id));
            vault.StandardInput.Close();
            vault.WaitForExit();
        }
        return
        [
            new("vault_call_us", "us", called, Bar.AtMost, RoundTripBar) { Note = $"the median of {Calls} calls over the pipe, one after the other: 5 bytes in, about 80 out" },
            new("vault_start_ms", "ms", started, Bar.AtMost, StartBar) { Note = "from starting the program to the answer to its first call: both starts and all walls" },
            new("vault_at_rest_mb", "MB", resident, Bar.AtMost, AtRestBar) { Note = "VmRSS, open, half a second after the last call" },
        ];
    }

    private static double RoundTrip(Process vault)
    {
        for (int call = 0; call < Warm; call++) Call(vault, _status);
        var times = new double[Calls];
        for (int call = 0; call < Calls; call++)
        {
            long began = Stopwatch.GetTimestamp();
            Call(vault, _status);
            times[call] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }
        return Statistics.Median(times);
    }

    private static void Call(Process vault, byte[] frame)
    {
        Stream input = vault.StandardInput.BaseStream, output = vault.StandardOutput.BaseStream;
        input.Write(frame);
        input.Flush();
        Span<byte> answer = stackalloc byte[512];
        int filled = output.ReadAtLeast(answer, 4);
        output.ReadExactly(answer[..(BinaryPrimitives.ReadInt32BigEndian(answer) + 4 - filled)]);
    }

    private Process Start(string own) => Process.Start(new ProcessStartInfo(program, [own])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;
}
