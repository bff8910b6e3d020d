using Holdfast.Codec;
using Holdfast.Protocol;
using Holdfast.Server.Bench.Checking;

namespace Holdfast.Server.Bench.Load;

/// <summary>
/// One device in one conversation, as the client behaves: it connects, logs in, subscribes, reads what it has missed, posts, and after a broken
/// connection posts again, in order and with the same ids, what was not acknowledged. All it sees is recorded.
/// </summary>
internal sealed class LoadClient
{
    private const uint CreateRequest = 1, SubscribeRequest = 2, FinalRequest = 3, FirstRead = 16, LastRead = 1 << 23;
    private const int Slots = 1024;   // a power of two, and more than are ever under way
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(30);

    private readonly World _world;
    private readonly Account _account;
    private readonly PostFrame _frame;
    private readonly Submissions _submissions;
    private readonly View _view;
    private readonly Lock _gate = new();
    private readonly LinkedList<int> _unacknowledged = [];
    private readonly (int Sequence, long At)[] _sent = new (int, long)[Slots];
    private LoadSocket? _socket;
    private TaskCompletionSource? _finish;
    private Task _running = Task.CompletedTask;
    private uint _read = FirstRead;
    private ulong _cursor, _head;
    private int _connection;
    private bool _isReading, _isSubscribed;
    private volatile bool _isEnding;

    public LoadClient(World world, Account account, Conversation conversation, int contentBytes)
    {
        (_world, _account, Conversation, Number) = (world, account, conversation, conversation.Members.Count);
        ulong seed = BitConverter.ToUInt64(conversation.Log.ToBytes()) ^ ((ulong)Number << 48);
        _frame = new PostFrame(conversation.Log, Number, seed, contentBytes);
        _submissions = world.Recording.AddSubmissions(conversation.Number);
        _view = world.Recording.AddView(conversation.Number);
        conversation.Members.Add(this);
    }

    public Conversation Conversation { get; }

    /// <summary>Which member of the conversation this is.</summary>
    public int Number { get; }

    /// <summary>How many posts are not acknowledged.</summary>
    public int Unacknowledged
    {
        get { lock (_gate) return _unacknowledged.Count; }
    }

    /// <summary>The last position before which nothing is missing.</summary>
    public ulong Cursor => Volatile.Read(ref _cursor);

    /// <summary>How many entries came only because it asked once more in the end.</summary>
    public int FoundInTheEnd { get; private set; }

    /// <summary>Connects and goes on reading, and connecting again, until it is ended.</summary>
    public async Task StartAsync()
    {
        if (Number == 0) await ConnectAsync(attempt: 0, create: true);
        else await ConnectAsync(attempt: 0, create: false);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Posts the next message; <paramref name="at"/> is when it is due, by the clock's reading.</summary>
    public void Post(long at)
    {
        lock (_gate)
        {
            int sequence = _submissions.Posts.Count;
            var (frame, digest) = _frame.Write(sequence);
            _submissions.Posts.Add(new Sent(_frame.IdOf(sequence), digest));
            _unacknowledged.AddLast(sequence);
            _sent[sequence & (Slots - 1)] = (sequence, at);
            if (_isSubscribed) _socket!.Send(frame);
        }
    }

    /// <summary>Asks once more for all behind what it has; when there is nothing, its view is complete.</summary>
    public Task FinishAsync()
    {
        lock (_gate)
        {
            _finish ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_isSubscribed) AskFinal();
            return _finish.Task;
        }
    }

    /// <summary>Breaks the connection, for good.</summary>
    public async Task EndAsync()
    {
        _isEnding = true;
        lock (_gate) _socket?.Dispose();
        await _running;
    }

    private long SentAt(int sequence)
    {
        var (there, at) = _sent[sequence & (Slots - 1)];
        return there == sequence ? at : 0;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            while (await _socket!.ReadAsync() is { } frame) Handle(frame.Span);
            lock (_gate)
            {
                _isSubscribed = false;
                _socket.Dispose();
            }
            for (int attempt = 0; !_isEnding; attempt++)
            {
                try
                {
                    await ConnectAsync(attempt, create: false);
                    break;
                }
                catch (IOException) { await Task.Delay(LongestPause * Random.Shared.NextDouble()); }
            }
            if (_isEnding) return;
        }
    }

    private async Task ConnectAsync(int attempt, bool create)
    {
        var target = _world.TargetOf(this, attempt);
        var socket = await LoadSocket.OpenAsync(target);
        try
        {
            var greeting = await AnswerAsync<Greeting>(socket);
            byte[] nonce = greeting.Nonce.ToArray();
            socket.Send(Tls.Encode<ClientFrame>(_account.Login(target, nonce)));
            await AnswerAsync<LoggedIn>(socket);
            var (log, key) = (Conversation.Log, Conversation.AccessKey);
            if (create)
            {
                socket.Send(Tls.Encode<ClientFrame>(new CreateLog(CreateRequest, log, key.PublicKey)));
                await AnswerAsync<Done>(socket);
            }
            byte[] signature = key.Sign(SignedTexts.Subscription(target.Key, nonce, log));
            socket.Send(Tls.Encode<ClientFrame>(new Subscribe(SubscribeRequest, log, key.PublicKey, signature)));
            _connection++;
            Subscribed(socket, await AnswerAsync<Subscribed>(socket));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<T> AnswerAsync<T>(LoadSocket socket) where T : ServerFrame
    {
        while (await socket.ReadAsync() is { } content)
        {
            if (_connection > 0 && content.Span[0] == 8) TakeEntries(content.Span);   // a push that was faster
            else return Tls.Decode<ServerFrame>(content.Span) as T ?? throw new IOException($"another answer than {typeof(T).Name}");
        }
        throw new IOException("the connection has ended");
    }

    private void Subscribed(LoadSocket socket, Subscribed answer)
    {
        lock (_gate)
        {
            (_socket, _isSubscribed, _isReading) = (socket, true, false);
            _head = Math.Max(_head, answer.Head);
            if (_isEnding) socket.Dispose();
            foreach (int sequence in _unacknowledged) socket.Send(_frame.Write(sequence).Frame);
            if (_finish is not null) AskFinal();
        }
        ReadOn();
    }

    private void Handle(ReadOnlySpan<byte> frame)
    {
        switch (frame[0])
        {
            case 6:
                TakeAcceptance(frame);
                break;
            case 8:
                TakeEntries(frame);
                break;
            default:
                Take(Tls.Decode<ServerFrame>(frame));
                break;
        }
    }

    private void Take(ServerFrame frame)
    {
        switch (frame)
        {
            case Behind behind:
                _world.CountBehind();
                _head = Math.Max(_head, behind.Head);
                ReadOn();
                break;
            case Refused refused:
                _world.CountRefusal(refused.Code);
                if (_world.GivesUp && refused.Code == RefusalCode.TooMany && PostFrame.SequenceOf(refused.Request) is >= 0 and var sequence)
                {
                    lock (_gate) _unacknowledged.Remove(sequence);
                    break;
                }
                lock (_gate) _socket!.Dispose();   // whoever connects again sends again, in order
                break;
            default:
                throw new InvalidDataException($"{frame.GetType().Name} was not asked for");
        }
    }

    private void TakeAcceptance(ReadOnlySpan<byte> frame)
    {
        var reader = new TlsReader(frame[1..]);
        int sequence = PostFrame.SequenceOf(reader.ReadUInt32());
        ulong position = reader.ReadUInt64();
        bool isFirst;
        lock (_gate)
        {
            _submissions.Acknowledged.Add(new(sequence, position));
            isFirst = _unacknowledged.Remove(sequence);   // nearly always the first one
        }
        if (isFirst) _world.Workload.Acknowledged(this, SentAt(sequence));
    }

    private void TakeEntries(ReadOnlySpan<byte> frame)
    {
        var reader = new TlsReader(frame[1..]);
        uint answer = reader.ReadUInt32();
        reader.ReadBytes(Id128.Size);
        _head = Math.Max(_head, reader.ReadUInt64());
        int end = reader.ReadLength() + reader.Position, count = 0;
        for (; reader.Position < end; count++)
        {
            ulong position = reader.ReadUInt64();
            var id = MessageId.Of(reader.ReadBytes(Id128.Size)).Value;
            reader.ReadUInt8();
            var content = reader.ReadOpaque();
            _view.Entries.Add(new Received(position, id, PostFrame.Digest(content), _connection, answer));
            if (position != _cursor + 1) continue;
            Volatile.Write(ref _cursor, position);
            if (answer == FinalRequest) FoundInTheEnd++;
            var (member, sequence) = PostFrame.MarkOf(content);
            var sender = Conversation.Members[member];
            _world.Workload.Delivered(this, position, sender, sender.SentAt(sequence));
        }
        if (answer == FinalRequest) Finish(count);
        else if (answer != 0) _isReading = false;
        ReadOn();
    }

    /// <summary>Asks for what is missing, unless it has asked already.</summary>
    private void ReadOn()
    {
        if (_isReading || _cursor >= _head) return;
        _isReading = true;
        _read = _read == LastRead ? FirstRead : _read + 1;
        byte[] frame = Tls.Encode<ClientFrame>(new ReadLog(_read, Conversation.Log, _cursor));
        lock (_gate) _socket?.Send(frame);
    }

    private void AskFinal() => _socket!.Send(Tls.Encode<ClientFrame>(new ReadLog(FinalRequest, Conversation.Log, Cursor)));

    private void Finish(int found)
    {
        if (found > 0)
        {
            lock (_gate) AskFinal();
            return;
        }
        _view.IsComplete = true;
        _finish?.TrySetResult();
    }
}
