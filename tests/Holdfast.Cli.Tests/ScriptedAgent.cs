using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Holdfast.Client;

namespace Holdfast.Cli.Tests;

/// <summary>
/// Listens where a profile's agent would and answers as a test says: what an honest agent says seldom, the face must stand too.
/// </summary>
internal sealed class ScriptedAgent : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _ended = new();
    private readonly Func<JsonObject, IEnumerable<string>> _answer;
    private readonly Task _serving;

    /// <param name="folder">Where the profile goes.</param>
    /// <param name="answer">The answers to a command, as JSON; an empty one hangs up.</param>
    public ScriptedAgent(string folder, Func<JsonObject, IEnumerable<string>> answer)
    {
        Profile = Path.Combine(folder, "scripted");
        Directory.CreateDirectory(Path.Combine(Profile, "vault"));
        _answer = answer;
        _listener.Bind(new UnixDomainSocketEndPoint(new Profile(Profile).SocketPath));
        _listener.Listen();
        _serving = ServeAsync();
    }

    public const string Done = """{"type":"done"}""";

    public const string Unlocked = """{"type":"status","state":"unlocked","pin":"7K3PQ2M9","name":"Alice","connected":true,"cloned":false}""";

    public const string Locked = """{"type":"status","state":"locked","connected":false,"cloned":false}""";

    public string Profile { get; }

    /// <summary>An agent that is unlocked and answers all else as told.</summary>
    public static ScriptedAgent Open(string folder, Func<JsonObject, IEnumerable<string>> answer) => new(
        folder, command => (string?)command["type"] == "status" ? [Unlocked, Done] : answer(command));

    public static string Message(string text, string from = "Bob") => new JsonObject
    {
        ["type"] = "message", ["conversation"] = "00112233", ["conversation_name"] = "Bob", ["position"] = 3, ["id"] = "aa", ["from"] = "7K3PQ2M9",
        ["from_name"] = from, ["device"] = "dd", ["sent_at"] = "2026-03-01T10:30:15.042Z", ["kind"] = "text", ["status"] = "received", ["text"] = text,
    }.ToJsonString();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Dispose();
        await _serving;
        _ended.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var face = await _listener.AcceptAsync(_ended.Token);
                await using var stream = new NetworkStream(face);
                await ConverseAsync(stream);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException) { return; }
    }

    private async Task ConverseAsync(NetworkStream stream)
    {
        try
        {
            while (await ReadAsync(stream) is { } command)
            {
                foreach (string answer in _answer(command))
                {
                    if (answer.Length == 0) return;
                    byte[] json = Encoding.UTF8.GetBytes(answer), frame = [0, 0, 0, 0, .. json];
                    BinaryPrimitives.WriteInt32BigEndian(frame, json.Length);
                    await stream.WriteAsync(frame, _ended.Token);
                }
            }
        }
        catch (IOException) { return; }   // the face hung up
    }

    private async Task<JsonObject?> ReadAsync(NetworkStream stream)
    {
        var header = new byte[4];
        if (await stream.ReadAtLeastAsync(header, 4, throwOnEndOfStream: false, _ended.Token) < 4) return null;
        var json = new byte[BinaryPrimitives.ReadInt32BigEndian(header)];
        await stream.ReadExactlyAsync(json, _ended.Token);
        return JsonNode.Parse(json)!.AsObject();
    }
}
