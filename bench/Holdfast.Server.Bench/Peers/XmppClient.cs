using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;

namespace Holdfast.Server.Bench.Peers;

/// <summary>
/// One account on one connection of an XMPP server, without TLS: registers (XEP-0077), logs in (RFC 6120), and sends messages to one other,
/// each with a request for acknowledgement (XEP-0198); one is under way. It knows as much XML as it takes to count.
/// </summary>
internal sealed class XmppClient : IDisposable
{
    private const int BufferBytes = 16 << 10, BodyBytes = 1024;
    private const string Resource = "load", Host = "localhost";
    private const string Sm = "urn:xmpp:sm:3", Sasl = "urn:ietf:params:xml:ns:xmpp-sasl", Bind = "urn:ietf:params:xml:ns:xmpp-bind";

    private static readonly string Stream = $"<stream:stream to='{Host}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Channel<byte[]> _outbox = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
    private readonly XmppLoad _load;
    private readonly string _name;
    private readonly byte[] _message;
    private readonly byte[] _in = new byte[4 * BufferBytes];
    private int _start, _end, _received;
    private long _sentAt;

    /// <param name="load">Told of everything.</param>
    /// <param name="name">The account's name.</param>
    /// <param name="other">To whom it sends.</param>
    public XmppClient(XmppLoad load, string name, string other)
    {
        (_load, _name) = (load, name);
        string body = Convert.ToBase64String(RandomNumberGenerator.GetBytes(Base64.GetMaxDecodedFromUtf8Length(BodyBytes)));
        _message = Encoding.ASCII.GetBytes($"<message to='{other}@{Host}/{Resource}' type='chat'><body>{body}</body></message><r xmlns='{Sm}'/>");
    }

    /// <summary>Connects, makes the account and is there.</summary>
    public async Task StartAsync(int port)
    {
        await _socket.ConnectAsync("127.0.0.1", port);
        await AskAsync(Stream, "</stream:features>");
        await AskAsync($"<iq type='set' id='1'><query xmlns='jabber:iq:register'><username>{_name}</username><password>{_name}</password></query></iq>", "<iq ");
        string plain = Convert.ToBase64String(Encoding.ASCII.GetBytes($"\0{_name}\0{_name}"));
        await AskAsync($"<auth xmlns='{Sasl}' mechanism='PLAIN'>{plain}</auth>", "<success ");
        await AskAsync(Stream, "</stream:features>");
        await AskAsync($"<iq type='set' id='2'><bind xmlns='{Bind}'><resource>{Resource}</resource></bind></iq>", "</iq>");
        await AskAsync($"<enable xmlns='{Sm}'/>", "<enabled ");
        await AskAsync("<presence/>", "<presence ");
        _ = Task.Run(ReadAllAsync);
        _ = Task.Run(WriteAllAsync);
    }

    /// <summary>Sends the next message.</summary>
    public void Post()
    {
        _sentAt = Stopwatch.GetTimestamp();
        _outbox.Writer.TryWrite(_message);
    }

    public void Dispose()
    {
        _outbox.Writer.TryComplete();
        _socket.Dispose();
    }

    /// <summary>Sends, and reads on until a tag has come that begins so.</summary>
    private async Task AskAsync(string stanza, string awaited)
    {
        await _socket.SendAsync(Encoding.ASCII.GetBytes(stanza));
        while (true)
        {
            while (TryTakeTag(out var tag))
            {
                string text = Encoding.UTF8.GetString(tag.Span);
                if (text.Contains("error", StringComparison.Ordinal) || text.StartsWith("<failure", StringComparison.Ordinal)) throw new IOException(text);
                if (text.StartsWith(awaited, StringComparison.Ordinal)) return;
            }
            if (!await ReadAsync()) throw new IOException("the peer has closed");
        }
    }

    private async Task WriteAllAsync()
    {
        try
        {
            await foreach (byte[] bytes in _outbox.Reader.ReadAllAsync())
                for (int sent = 0; sent < bytes.Length;) sent += await _socket.SendAsync(bytes.AsMemory(sent));
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException) { _load.Ended(); }
    }

    private async Task ReadAllAsync()
    {
        try
        {
            while (await ReadAsync())
                while (TryTakeTag(out var tag)) Take(tag.Span);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException) { _load.Ended(); }
    }

    private void Take(ReadOnlySpan<byte> tag)
    {
        if (tag.StartsWith("</message"u8))
        {
            _received++;
            _load.Delivered();
        }
        else if (tag.StartsWith("<a "u8))
        {
            _load.Acknowledged(this, _sentAt);
        }
        else if (tag.StartsWith("<r "u8) || tag.SequenceEqual("<r/>"u8))
        {
            _outbox.Writer.TryWrite(Encoding.ASCII.GetBytes($"<a xmlns='{Sm}' h='{_received}'/>"));
        }
    }

    /// <summary>The next tag, valid until the next is read; text between tags is passed over.</summary>
    private bool TryTakeTag(out ReadOnlyMemory<byte> tag)
    {
        tag = default;
        int from = _in.AsSpan(_start.._end).IndexOf((byte)'<');
        if (from < 0)
        {
            _start = _end;
            return false;
        }
        _start += from;
        int length = _in.AsSpan(_start.._end).IndexOf((byte)'>') + 1;
        if (length == 0) return false;
        tag = _in.AsMemory(_start, length);
        _start += length;
        return true;
    }

    private async Task<bool> ReadAsync()
    {
        _in.AsSpan(_start.._end).CopyTo(_in);
        (_end, _start) = (_end - _start, 0);
        int read = await _socket.ReceiveAsync(_in.AsMemory(_end));
        _end += read;
        return read > 0;
    }
}
