using System.Runtime.ExceptionServices;
using Holdfast.Cryptography;

namespace Holdfast.Mls;

/// <summary>
/// Whether many independent pieces of work, signatures to verify and secrets to seal, are spread over the processor's cores. What comes
/// out, the error that comes first included, is the same either way. Everything else of a group happens on the caller's thread.
/// </summary>
public sealed class Parallelism
{
    private readonly int _threads;

    private Parallelism(int threads) => _threads = threads;

    /// <summary>As many threads as the processor has cores.</summary>
    public static Parallelism AllCores { get; } = new(Environment.ProcessorCount);

    /// <summary>The caller's thread alone.</summary>
    public static Parallelism OneThread { get; } = new(1);

    /// <summary>Whether more than one thread is to work.</summary>
    internal bool IsOn => _threads > 1;

    /// <summary>
    /// For work that draws random bytes: only the operating system's source is asked by many threads; another may mind in which order.
    /// </summary>
    internal Parallelism With(RandomSource random) => ReferenceEquals(random, RandomSource.System) ? this : OneThread;

    /// <summary>
    /// Calls <paramref name="work"/> with every number below <paramref name="count"/>, in order within a piece of
    /// <paramref name="piece"/> numbers, and comes back when all is done. Of several exceptions the one of the lowest number is thrown.
    /// </summary>
    internal void For(int count, int piece, Action<int> work)
    {
        if (!IsOn || count <= piece)
        {
            for (int i = 0; i < count; i++) work(i);
            return;
        }
        var run = new Run(count, piece, work);
        Start(run.Work);
        run.Work();
        run.Finish();
    }

    /// <summary>Starts <paramref name="work"/> on other threads, where there are any.</summary>
    internal void Start(Action work)
    {
        for (int i = 1; i < _threads; i++) ThreadPool.UnsafeQueueUserWorkItem(static work => work(), work, preferLocal: false);
    }

    /// <summary>
    /// Pieces are taken by whoever comes for one: the caller waits for pieces that others have begun, never for others to begin.
    /// </summary>
    private sealed class Run(int count, int piece, Action<int> work)
    {
        private readonly object _gate = new();
        private int _next, _finished;
        private int _faultAt = int.MaxValue;
        private ExceptionDispatchInfo? _fault;

        internal void Work()
        {
            while (Take() is { } start)
            {
                int end = Math.Min(start + piece, count);
                var fault = Do(start, end);
                lock (_gate)
                {
                    if (fault is not null && start < _faultAt) (_faultAt, _fault) = (start, fault);
                    _finished += end - start;
                    if (_finished == count) Monitor.PulseAll(_gate);
                }
            }
        }

        internal void Finish()
        {
            lock (_gate)
            {
                while (_finished < count) Monitor.Wait(_gate);
            }
            _fault?.Throw();
        }

        private int? Take()
        {
            lock (_gate)
            {
                if (_next >= count) return null;
                int start = _next;
                _next += piece;
                return start;
            }
        }

        private ExceptionDispatchInfo? Do(int start, int end)
        {
            try
            {
                for (int i = start; i < end; i++) work(i);
                return null;
            }
            catch (Exception fault)   // whatever it is belongs to the caller's thread, which throws it again
            {
                return ExceptionDispatchInfo.Capture(fault);
            }
        }
    }
}
