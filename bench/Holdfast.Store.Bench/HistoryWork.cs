using System.Diagnostics;
using System.Globalization;
using Holdfast.Bench;
using Holdfast.Protocol;
using Holdfast.Vault;

namespace Holdfast.Store.Bench;

/// <summary>The installed vault with many messages in it: from the passcode to the first page, and searches.</summary>
internal sealed class HistoryWork(string program, string folder)
{
    private const int Few = 100_000, Many = 1_000_000, Batch = 512, Page = 50, Conversations = 20;

    /// <summary>What is asked, and how often it is there: words, parts of words, beginnings, in one conversation, in a script without spaces.</summary>
    private static readonly (string Name, string Words, bool InOne)[] Questions =
    [
        ("common_word", "the", false), ("common_words", "tomorrow meeting", false), ("common_part", "ing", false), ("letter", "a", false), ("beginning", "to", false),
        ("rare_word", "xylophone", false), ("rare_part", "ylopho", false), ("absent", "zzzzqqq", false), ("common_parts_rare_word", "theringeast", false),
        ("common_parts_absent_word", "andthewor", false), ("common_and_rare", "the xylophone", false), ("cjk_word", "中国", false), ("cjk_letter", "的", false),
        ("cjk_phrase", "在人有我", false), ("cjk_absent", "离虽坏喜离", false), ("common_in_one", "the", true), ("absent_in_one", "xylophone", true),
        ("sixteen_words", "the be to of and a in that have it for not on with he as", false),
    ];

    /// <summary>From sending the passcode to having the list of conversations and the newest page of one, less what the passcode costs.</summary>
    internal IEnumerable<Measurement> MeasureUnlock(int runs)
    {
        string place = Path.Combine(folder, "few");
        var log = Fill(place, Few);
        using (var first = new VaultPipe(program, place)) first.Ask<Ok>(new Unlock(Pair.Passcode));   // which raises the passcode's cost to this machine's
        var (times, memory) = (new List<double>(), new List<double>());
        for (int run = 0; run < runs; run++)
        {
            using var vault = new VaultPipe(program, place);
            vault.Ask<Status>(new GetStatus());
            long began = Stopwatch.GetTimestamp();
            vault.Ask<Ok>(new Unlock(Pair.Passcode));
            vault.Ask<Protocol.Conversations>(new ListAll(Listed.Conversations));
            if (vault.Ask<Protocol.History>(new ReadHistory(log, 0, Page, true)).Items.Count != Page) throw new InvalidOperationException("messages are missing");
            double all = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            began = Stopwatch.GetTimestamp();
            vault.Ask<Ok>(new Unlock(Pair.Passcode));   // open already: this costs the passcode and nothing else
            times.Add(all - Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            Thread.Sleep(500);
            memory.Add(ProcessMemory.Resident(vault.Id));
        }
        yield return new Measurement("unlock_to_list_100k_ms", "ms", times, Bar.AtMost, 1000)
        {
            Note = "from the passcode to conversations and the newest 50 of one, less a passcode that is only checked; 100,000 messages stored",
        };
        yield return new Measurement("vault_at_rest_100k_mb", "MB", memory, Bar.AtMost, 40) { Note = "VmRSS half a second later" };
    }

    internal IEnumerable<Measurement> MeasureSearch(int runs)
    {
        string place = Path.Combine(folder, "many");
        long began = Stopwatch.GetTimestamp();
        var log = Fill(place, Many);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"filled in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s, {Size(place):0} MB"));
        var times = Questions.Select(static _ => new List<double>()).ToArray();
        var counts = new int[Questions.Length];
        var memory = new List<double>();
        for (int run = 0; run < runs; run++)
        {
            using var vault = new VaultPipe(program, place);   // started anew: nothing is in its cache
            vault.Ask<Ok>(new Unlock(Pair.Passcode));
            for (int i = 0; i < Questions.Length; i++)
            {
                var (_, words, inOne) = Questions[(i + (run * 5)) % Questions.Length];   // another one is the first each time
                byte[] call = VaultFrame.Wrap<VaultCall>(new ReadHistory(inOne ? log : null, 0, Page, true, words));
                long asked = Stopwatch.GetTimestamp();
                byte[] answer = vault.Exchange(call);
                times[(i + (run * 5)) % Questions.Length].Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                counts[(i + (run * 5)) % Questions.Length] = Asking.Read<Protocol.History>(answer).Items.Count;
            }
            Thread.Sleep(500);
            memory.Add(ProcessMemory.Resident(vault.Id));
        }
        for (int i = 0; i < Questions.Length; i++)
        {
            yield return new Measurement($"search_1m_{Questions[i].Name}_ms", "ms", times[i], Bar.AtMost, 100)
            {
                Note = $"\"{Questions[i].Words}\"{(Questions[i].InOne ? " in one conversation of 20" : "")}: {counts[i]} shown",
            };
        }
        yield return new Measurement("vault_at_rest_1m_mb", "MB", memory, Bar.AtMost, 40) { Note = "VmRSS half a second after these searches" };
    }

    /// <summary>A profile with so many messages in 20 conversations, three of them with the rare word; the conversation that has most.</summary>
    private static LogId Fill(string place, int count)
    {
        using var vault = new InProcess(place);
        using var other = new InProcess(place + "-other");
        var log = new Pair(vault, other).Log;
        var opened = vault.Opened;
        var known = opened.Conversations.Require(log);
        LogId[] logs = [log, .. Enumerable.Range(1, Conversations - 1).Select(number => new LogId((UInt128)(ulong)number << 64 | 0x55))];
        var text = new Sentences(7);
        for (int first = 0; first < count; first += Batch)
        {
            opened.Store.Change(() =>
            {
                if (first == 0) foreach (var one in logs[1..]) opened.Conversations.Save(known with { Log = one, Title = $"Group {one}", State = ConversationState.Left });
                for (int i = first; i < Math.Min(count, first + Batch); i++)
                {
                    string words = i == count / 3 || i == count / 2 || i == count - 1000 ? $"{text.Next()} xylophone" : text.Next();
                    opened.History.Save(Line(logs[i % logs.Length == 0 ? 0 : i % logs.Length], 100 + (ulong)i, words));
                }
                opened.Search.Settle();
                return 0;
            });
        }
        return log;
    }

    private static HistoryRecord Line(LogId log, ulong position, string text) => new()
    {
        Log = log,
        Position = position,
        Id = new MessageId(position),
        From = Pin.FromRandom([.. BitConverter.GetBytes(position % 3)]),
        Device = default,
        SentAt = 1_700_000_000_000 + position,
        Kind = HistoryKind.Text,
        Status = HistoryStatus.Received,
        Text = text,
    };

    private static double Size(string place) => Directory.EnumerateFiles(place).Sum(static file => (double)new FileInfo(file).Length) / 1e6;
}
