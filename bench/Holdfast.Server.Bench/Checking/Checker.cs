namespace Holdfast.Server.Bench.Checking;

/// <summary>Judges what was recorded. It knows nothing of servers, only what clients sent, were told and were given.</summary>
internal sealed class Checker
{
    private long _posts, _unknown, _deliveries, _lost, _doubled, _reordered, _forked, _strange;

    /// <summary>Counts what went wrong.</summary>
    /// <exception cref="ArgumentException">The recording cannot be judged: nobody has read a log to its end, or one id was sent twice.</exception>
    public static Verdict Check(Recording recording)
    {
        var checker = new Checker();
        var views = recording.Views.ToLookup(static view => view.Log);
        var senders = recording.Senders.ToLookup(static sender => sender.Log);
        foreach (int log in senders.Select(static each => each.Key).Union(views.Select(static each => each.Key)))
            checker.CheckLog([.. senders[log]], [.. views[log]]);
        return new(
            checker._posts, checker._unknown, checker._deliveries, checker._lost, checker._doubled, checker._reordered, checker._forked, checker._strange);
    }

    private void CheckLog(List<Submissions> senders, List<View> views)
    {
        if (senders.Exists(static sender => sender.Acknowledged.Count > 0) && !views.Exists(static view => view.IsComplete))
            throw new ArgumentException("nobody has read a log to its end, so that nothing can be said of it", nameof(views));
        var known = new KnownLog();
        foreach (var sender in senders) AddPosts(sender, known);
        foreach (var view in views)
        {
            _deliveries += view.Entries.Count;
            foreach (var entry in view.Entries)
            {
                if (!known.Sent.TryGetValue(entry.Id, out ulong digest) || digest != entry.Digest) _strange++;
                known.Note(entry.Position, entry.Id, entry.Digest);
            }
            CheckOrder(view);
        }
        _doubled += known.Doubled.Count;
        _forked += known.Forked.Count;
        foreach (var sender in senders) CheckSender(sender, known);
        CheckLost(views, known);
    }

    private void AddPosts(Submissions sender, KnownLog known)
    {
        _posts += sender.Posts.Count;
        foreach (var post in sender.Posts)
            if (!known.Sent.TryAdd(post.Id, post.Digest)) throw new ArgumentException("one id was sent twice", nameof(sender));
        var acknowledged = new HashSet<int>();
        foreach (var (sequence, position) in sender.Acknowledged)
        {
            acknowledged.Add(sequence);
            known.Note(position, sender.Posts[sequence].Id, sender.Posts[sequence].Digest);
        }
        _unknown += sender.Posts.Count - acknowledged.Count;
    }

    /// <summary>Pushes of one connection ascend, and so does every answer.</summary>
    private void CheckOrder(View view)
    {
        var last = new Dictionary<(int, uint), ulong>();
        for (int i = 0; i < view.Entries.Count; i++)
        {
            var entry = view.Entries[i];
            var source = (entry.Connection, entry.Answer);
            if (last.TryGetValue(source, out ulong before) && entry.Position <= before)
            {
                bool again = view.Entries[..i].Exists(
                    earlier => earlier.Position == entry.Position && (earlier.Connection, earlier.Answer) == source);
                if (again) _doubled++;
                else _reordered++;
            }
            else
            {
                last[source] = entry.Position;
            }
        }
    }

    /// <summary>A sender's posts stand in the order in which it sent them, as far as it is known where they are.</summary>
    private void CheckSender(Submissions sender, KnownLog known)
    {
        ulong highest = 0;
        foreach (var post in sender.Posts)
        {
            if (!known.Where.TryGetValue(post.Id, out ulong position)) continue;
            if (position < highest) _reordered++;
            else highest = position;
        }
    }

    /// <summary>What has a position, by an acknowledgement or because somebody was given it, is in each view that has all there is.</summary>
    private void CheckLost(List<View> views, KnownLog known)
    {
        var lost = new HashSet<UInt128>();
        var seen = new HashSet<UInt128>();
        foreach (var view in views.Where(static view => view.IsComplete))
        {
            seen.Clear();
            foreach (var entry in view.Entries) seen.Add(entry.Id);
            if (seen.Count == known.Where.Count) continue;   // whatever is seen is known, so it is all of it
            foreach (var (id, position) in known.Where)
                if (position > view.From && !seen.Contains(id)) lost.Add(id);
        }
        _lost += lost.Count;
    }

    /// <summary>What all clients together know of one log.</summary>
    private sealed class KnownLog
    {
        private readonly Dictionary<ulong, Sent> _at = [];

        /// <summary>The digest of each post that was sent.</summary>
        internal Dictionary<UInt128, ulong> Sent { get; } = [];

        /// <summary>Where each post was first said to be.</summary>
        internal Dictionary<UInt128, ulong> Where { get; } = [];

        internal HashSet<UInt128> Doubled { get; } = [];

        internal HashSet<ulong> Forked { get; } = [];

        internal void Note(ulong position, UInt128 id, ulong digest)
        {
            var entry = new Sent(id, digest);
            if (!_at.TryAdd(position, entry) && _at[position] != entry) Forked.Add(position);
            if (!Where.TryAdd(id, position) && Where[id] != position) Doubled.Add(id);
        }
    }
}
