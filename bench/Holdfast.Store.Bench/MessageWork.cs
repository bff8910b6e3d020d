using System.Diagnostics;
using System.Globalization;
using Holdfast.Bench;
using Holdfast.Cryptography;
using Holdfast.Mls;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.Store.Bench;

/// <summary>
/// Sealing and opening messages, 64 in a call, stored before the answer: what the installed vault takes for one, beside what the library takes
/// in this process for the same bytes and what a call costs.
/// </summary>
internal sealed class MessageWork(string program, string folder)
{
    private const int Batch = 64, Batches = 40, Warm = 8, CallsForOne = 5000;
    private const double Limit = 1.3;

    internal IEnumerable<Measurement> Measure(int runs)
    {
        var (seal, open, land, call) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var (sealAlone, openAlone) = (new List<double>(), new List<double>());
        for (int run = 0; run < runs; run++)
        {
            using (VaultPipe alice = Start($"a{run}"), bob = Start($"b{run}"))
            {
                var pair = new Pair(alice, bob);
                call.Add(OneCall(alice));
                var (sealing, opening, landing) = Through(pair);
                seal.Add(sealing);
                open.Add(opening);
                land.Add(landing);
            }
            var (one, other) = InTheLibrary(Path.Combine(folder, $"in{run}"));
            sealAlone.Add(one);
            openAlone.Add(other);
        }
        yield return Ratio("vault_seal_64", seal, sealAlone, call, land);
        yield return Ratio("vault_open_64", open, openAlone, call, null);
    }

    private static Measurement Ratio(string name, List<double> times, List<double> alone, List<double> call, List<double>? landing)
    {
        double[] ratios = [.. times.Select((time, run) => time / (alone[run] + call[run]))];
        string more = landing is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; taking note that it has landed {Statistics.Median(landing):0.0}");
        return new Measurement(name, "ratio", ratios, Bar.AtMost, Limit)
        {
            Note = string.Create(CultureInfo.InvariantCulture,
                $"us for a message: vault {Statistics.Median(times):0.0}, library {Statistics.Median(alone):0.0}, a call {Statistics.Median(call):0.0}{more}"),
        };
    }

    private VaultPipe Start(string name) => new(program, Path.Combine(folder, name));

    /// <summary>64 bytes in and about as many out.</summary>
    private static double OneCall(VaultPipe vault)
    {
        byte[] status = VaultFrame.Wrap<VaultCall>(new GetStatus());
        var times = new double[CallsForOne];
        for (int i = 0; i < CallsForOne; i++)
        {
            long began = Stopwatch.GetTimestamp();
            vault.Exchange(status);
            times[i] = Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }
        return Statistics.Median(times);
    }

    private static (double Seal, double Open, double Land) Through(Pair pair)
    {
        var (seal, open, land) = (TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);
        var text = new Sentences(6);
        for (int batch = -Warm; batch < Batches; batch++)
        {
            byte[] call = VaultFrame.Wrap<VaultCall>(new SealTexts(pair.Log, [.. Enumerable.Range(0, Batch).Select(_ => text.Next())]));
            long began = Stopwatch.GetTimestamp();
            byte[] answer = pair.Alice.Exchange(call);
            var sealing = Stopwatch.GetElapsedTime(began);
            byte[] entries = VaultFrame.Wrap<VaultCall>(new OpenEntries(pair.Log, pair.Take(Asking.Read<Sealed>(answer).Items)));
            began = Stopwatch.GetTimestamp();
            answer = pair.Bob.Exchange(entries);
            var opening = Stopwatch.GetElapsedTime(began);
            if (Asking.Read<Opened>(answer).Items.Count != Batch) throw new InvalidOperationException("messages are missing");
            began = Stopwatch.GetTimestamp();
            pair.Alice.Exchange(entries);
            if (batch >= 0) (seal, open, land) = (seal + sealing, open + opening, land + Stopwatch.GetElapsedTime(began));
        }
        return (seal.TotalMicroseconds / (Batch * Batches), open.TotalMicroseconds / (Batch * Batches), land.TotalMicroseconds / (Batch * Batches));
    }

    /// <summary>The same groups, padding and lengths, from state to state in memory.</summary>
    private static (double Seal, double Open) InTheLibrary(string place)
    {
        using InProcess alice = new(Path.Combine(place, "a")), bob = new(Path.Combine(place, "b"));
        var pair = new Pair(alice, bob);
        Group sender = alice.Opened.Groups.Load(pair.Log), receiver = bob.Opened.Groups.Load(pair.Log);
        var (seal, open) = (TimeSpan.Zero, TimeSpan.Zero);
        var text = new Sentences(6);
        var id = MessageId.Of(new byte[16]);
        byte[] authenticated = AuthenticatedData.For(id);
        for (int message = -Warm * Batch; message < Batches * Batch; message++)
        {
            byte[] padded = Envelope.Pad(Contents.Text(alice.Opened, pair.Log, text.Next()));
            long began = Stopwatch.GetTimestamp();
            var sealing = sender.Protect(padded, authenticated, RandomSource.System);
            var sealed_ = Stopwatch.GetElapsedTime(began);
            began = Stopwatch.GetTimestamp();
            var received = (Handled.ApplicationReceived)receiver.Handle(sealing.Message);
            if (message >= 0) (seal, open) = (seal + sealed_, open + Stopwatch.GetElapsedTime(began));
            if (message > -Warm * Batch)   // the first are the vaults'
            {
                sender.Dispose();
                receiver.Dispose();
            }
            (sender, receiver) = (sealing.Next, received.Next);
        }
        return (seal.TotalMicroseconds / (Batch * Batches), open.TotalMicroseconds / (Batch * Batches));
    }
}
