using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Bench.Checking;

namespace Holdfast.Server.Bench.Load;

/// <summary>
/// One device that commits: it posts a change on top of the last position it has, and whether that was accepted or came too late, it goes on
/// when it has the entry that was. All it sees is recorded. Not for several threads at once.
/// </summary>
internal sealed class Committer : IDisposable
{
    private const int ContentBytes = 8 << 10;   // about what a commit with a path is in a conversation of 200

    private readonly LoadSocket _socket;
    private readonly Target _target;
    private readonly byte[] _nonce;
    private readonly LogId _log;
    private readonly Submissions _submissions;
    private readonly View _view;
    private uint _request;

    private Committer(LoadSocket socket, Target target, byte[] nonce, LogId log, Recording recording)
    {
        (_socket, _target, _nonce, _log) = (socket, target, nonce, log);
        (_submissions, _view) = (recording.AddSubmissions(0), recording.AddView(0));
    }

    /// <summary>The last position it has.</summary>
    public ulong Cursor { get; private set; }

    /// <summary>The access key that its last commit brought with it.</summary>
    public SignatureKey Next { get; private set; } = Account.NewKey();

    /// <summary>How many commits of its own were accepted.</summary>
    public int Wins { get; private set; }

    /// <summary>In how many rounds in a row it has come too late.</summary>
    public int Losses { get; private set; }

    /// <summary>The most rounds in a row in which it came too late.</summary>
    public int MostLosses { get; private set; }

    /// <summary>Connects and logs in.</summary>
    public static async Task<Committer> ConnectAsync(Target target, Account account, LogId log, Recording recording)
    {
        var socket = await LoadSocket.OpenAsync(target);
        var greeting = (Greeting)await NextAsync(socket);
        byte[] nonce = greeting.Nonce.ToArray();
        socket.Send(Tls.Encode<ClientFrame>(account.Login(target, nonce)));
        if (await NextAsync(socket) is not LoggedIn) throw new IOException("the login was refused");
        return new(socket, target, nonce, log, recording);
    }

    /// <summary>Makes the log.</summary>
    public async Task CreateAsync(SignatureKey key)
    {
        _socket.Send(Tls.Encode<ClientFrame>(new CreateLog(++_request, _log, key.PublicKey)));
        if (await NextAsync(_socket) is not Done) throw new IOException("the log was refused");
    }

    /// <summary>Goes on under this access key, as every member does who has applied the commit that brought it.</summary>
    public async Task SubscribeAsync(SignatureKey key)
    {
        byte[] signature = key.Sign(SignedTexts.Subscription(_target.Key, _nonce, _log));
        _socket.Send(Tls.Encode<ClientFrame>(new Subscribe(++_request, _log, key.PublicKey, signature)));
        while (await NextAsync(_socket) is var frame and not Subscribed) Take(frame);
    }

    /// <summary>Posts a commit.</summary>
    public void Post()
    {
        Next = Account.NewKey();
        byte[] content = RandomSource.System.PublicBytes(ContentBytes);
        var id = MessageId.Of(RandomSource.System.PublicBytes(Id128.Size));
        _submissions.Posts.Add(new Sent(id.Value, PostFrame.Digest(content)));
        var post = new Post(_log, id, Cursor, PostKind.Commit, ExpiryBucket.Retention, Next.PublicKey, content, []);
        _socket.Send(Tls.Encode<ClientFrame>(new SubmitPost(++_request, post)));
    }

    /// <summary>Reads on until its commit is answered and the next entry has come; true where that is its own.</summary>
    public async Task<bool> ConcludeAsync()
    {
        ulong before = Cursor;
        bool? isMine = null;
        while (isMine is null || Cursor == before)
        {
            switch (await NextAsync(_socket))
            {
                case Accepted accepted:
                    _submissions.Acknowledged.Add(new(_submissions.Posts.Count - 1, accepted.Position));
                    isMine = true;
                    break;
                case HeadMoved:
                    isMine = false;
                    break;
                case var frame:
                    Take(frame);
                    break;
            }
        }
        Count(isMine.Value);
        return isMine.Value;
    }

    /// <summary>Reads until it has the next entry, without having posted.</summary>
    public async Task FollowAsync()
    {
        ulong before = Cursor;
        while (Cursor == before) Take(await NextAsync(_socket));
    }

    /// <summary>Asks once more for what there is, which must be nothing.</summary>
    public async Task FinishAsync()
    {
        _socket.Send(Tls.Encode<ClientFrame>(new ReadLog(++_request, _log, Cursor)));
        while (await NextAsync(_socket) is var frame)
        {
            Take(frame);
            if (frame is Entries { Request: > 0 } answer && answer.Items.Count == 0) break;
        }
        _view.IsComplete = true;
    }

    public void Dispose() => _socket.Dispose();

    private static async Task<ServerFrame> NextAsync(LoadSocket socket) =>
        await socket.ReadAsync() is { } content ? Tls.Decode<ServerFrame>(content.Span) : throw new IOException("the connection has ended");

    private void Take(ServerFrame frame)
    {
        if (frame is not Entries entries) throw new InvalidDataException($"{frame} was not asked for");
        foreach (var entry in entries.Items)
        {
            _view.Entries.Add(new Received(entry.Position, entry.Id.Value, PostFrame.Digest(entry.Bytes.Span), 1, entries.Request));
            if (entry.Position == Cursor + 1) Cursor = entry.Position;
        }
    }

    private void Count(bool isMine)
    {
        Wins += isMine ? 1 : 0;
        Losses = isMine ? 0 : Losses + 1;
        MostLosses = Math.Max(MostLosses, Losses);
    }
}
