using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests.Seizure;

/// <summary>
/// What happened, known from the side of those who did it: three people, two conversations, files, a removed member, invites. The bytes stand for
/// ciphertext; a key package has in it what a real one has in the clear.
/// </summary>
internal sealed class Story : IAsyncDisposable
{
    private const int RetentionDays = 30;

    private readonly Endpoint _endpoint;
    private readonly TimeProvider _clock;
    private readonly Dictionary<string, List<string>> _truth = [];
    private readonly List<string> _order = [];
    private readonly List<byte[]> _gone = [], _goneSoon = [], _goneFiles = [];
    private readonly List<byte[]> _logs = [];
    private Person _ada = null!, _ben = null!, _cleo = null!;

    private Story(Endpoint endpoint, TimeProvider clock) => (_endpoint, _clock) = (endpoint, clock);

    private sealed record Person(Device Device, Session Session);

    /// <summary>What the server was given and must not have any more.</summary>
    public IReadOnlyList<byte[]> Gone => _gone;

    /// <summary>The same, but for what free space of PostgreSQL may keep: a file that was deleted.</summary>
    public IReadOnlyList<byte[]> GoneFiles => _goneFiles;

    /// <summary>What it must not have three hours later.</summary>
    public IReadOnlyList<byte[]> GoneSoon => _goneSoon;

    private long Hour => _clock.GetUtcNow().ToUnixTimeSeconds() / 3600;

    private long Day => Hour / 24;

    private long RetentionEnds => (Day + 1 + RetentionDays) * 24;

    /// <summary>Plays it.</summary>
    public static async Task<Story> PlayAsync(Endpoint endpoint, string ownerInvite, TimeProvider clock)
    {
        var story = new Story(endpoint, clock);
        await story.ArriveAsync(ownerInvite);
        await story.OfferKeysAsync();
        await story.MeetAsync();
        await story.ShareFilesAsync();
        await story.TalkInTwoAsync();
        return story;
    }

    /// <summary>The true answers, as they were left.</summary>
    public SortedDictionary<string, string[]> Truth() =>
        new(_truth.ToDictionary(static fact => fact.Key, static fact => fact.Value.Order(StringComparer.Ordinal).ToArray()), StringComparer.Ordinal);

    /// <summary>Three hours later: what its sender gave an hour has gone.</summary>
    public void ForgetTheHour(string fact) => _truth["entries"].Remove(fact);

    /// <summary>The fact of the entry that lives for an hour.</summary>
    public string ShortLived { get; private set; } = "";

    /// <summary>The fact of the order of entries, with or without the one that lives for an hour.</summary>
    public void TellOrder(bool withShortLived)
    {
        _truth["entries"].RemoveAll(static fact => fact.StartsWith("order", StringComparison.Ordinal));
        Tell("entries", $"order {string.Join(' ', _order.Where(id => withShortLived || !ShortLived.Contains(id, StringComparison.Ordinal)))}");
    }

    /// <summary>Facts that the server itself makes, not the people.</summary>
    public void TellServer(IEnumerable<string> facts) => _truth["server"] = [.. facts];

    /// <summary>Nothing is a file, so no file has a time.</summary>
    public void TellNoTimes() => _truth["times"] = [];

    /// <summary>Where nodes share a database: who is connected, by the hash of a token.</summary>
    public void TellSessions()
    {
        foreach (var person in Everybody) Tell("logins", $"{person.Device.Id} {Hex(SHA256.HashData(person.Session.LoggedIn!.Session.Span))}");
    }

    /// <summary>Nobody is connected any more.</summary>
    public void EndSessions()
    {
        foreach (var person in Everybody) _truth["logins"].Remove($"{person.Device.Id} {Hex(SHA256.HashData(person.Session.LoggedIn!.Session.Span))}");
    }

    /// <summary>How many entries conversations had.</summary>
    public int EntryCount => _order.Count;

    /// <summary>Values that tell of whom or of which conversation something is.</summary>
    public IReadOnlyList<byte[]> Names =>
        [.. Everybody.SelectMany(static person => (byte[][])[Encoding.ASCII.GetBytes(person.Device.Pin.ToString()), person.Device.Id.ToBytes()]), .. _logs];

    private Person[] Everybody => [_ada, _ben, _cleo];

    /// <summary>What can be laid together.</summary>
    public void TellJoins(IEnumerable<string> joins) => _truth["joined"] = [.. joins];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var person in Everybody) await person.Session.DisposeAsync();
    }

    private async Task ArriveAsync(string ownerInvite)
    {
        _ada = await ComeAsync(ownerInvite, logins: 1);
        byte[] used = RandomSource.System.PublicBytes(InviteSecret.TokenBytes), kept = RandomSource.System.PublicBytes(InviteSecret.TokenBytes);
        await InviteAsync(used, days: 7, uses: 2);
        await InviteAsync(kept, days: 30, uses: 5);
        _ben = await ComeAsync(used, logins: 3, fetches: true);
        _cleo = await ComeAsync(used, logins: 1);
        Tell("invites", $"{Hex(InviteSecret.TokenHash(kept))} 5 {Text(Day + 30)}");
        _gone.Add(InviteSecret.TokenHash(used));
        _gone.Add(used);
        _gone.Add(kept);
    }

    private Task<Person> ComeAsync(string invite, int logins) => ComeAsync(Device.Link(invite), logins);

    private async Task<Person> ComeAsync(byte[] token, int logins, bool fetches = false)
    {
        var device = new Device();
        using (var response = await device.RegisterAsync(_endpoint, token))
        {
            response.EnsureSuccessStatusCode();
            device.Pin = Codec.Tls.Decode<Registered>(await response.Content.ReadAsByteArrayAsync()).Pin;
        }
        if (fetches) device.DeliveryKey = Device.NewKey();
        for (int i = 1; i < logins; i++) await (await device.ConnectAsync(_endpoint)).DisposeAsync();
        Tell("accounts", device.Pin.ToString());
        Tell("devices", $"{device.Pin} {device.Id}");
        Tell("public-keys", $"{device.Pin} {Hex(device.Identity.PublicKey)}");
        Tell("public-keys", $"{device.Id} {Hex(device.LoginKey.PublicKey)} {(fetches ? Hex(device.DeliveryKey!.PublicKey) : "-")}");
        Tell("logins", $"{device.Id} {Text(logins)}");
        return new(device, await device.ConnectAsync(_endpoint));
    }

    private async Task InviteAsync(byte[] token, ushort days, ushort uses) =>
        (await _ada.Session.HttpAsync(Rest.Invites, new InviteUpload(InviteSecret.TokenHash(token), days, uses))).EnsureSuccessStatusCode();

    /// <summary>Each has three and a last one; one of Ben's and of Cleo's is claimed, which leaves no trace.</summary>
    private async Task OfferKeysAsync()
    {
        foreach (var person in Everybody)
        {
            ReadOnlyMemory<byte>[] packages = [.. Enumerable.Range(0, 4).Select(i => (ReadOnlyMemory<byte>)KeyPackage(person.Device, 3000 + i))];
            (await person.Session.HttpAsync(Rest.KeyPackages, new KeyPackageUpload(packages[1..], packages[0]))).EnsureSuccessStatusCode();
            Tell("key-packages", $"{person.Device.Id} 1 {Text(long.MaxValue)} 3000");
            var left = packages[1..].ToList();
            if (person != _ada)
            {
                using var response = await _ada.Session.HttpAsync(HttpMethod.Post, Rest.Claim(person.Device.Pin));
                var claimed = Assert.Single(Codec.Tls.Decode<ClaimedKeyPackages>(await response.Content.ReadAsByteArrayAsync()).Packages);
                left.RemoveAll(package => package.Span.SequenceEqual(claimed.Span));
                Assert.Equal(2, left.Count);
                _gone.Add(claimed[..32].ToArray());
            }
            foreach (var package in left) Tell("key-packages", $"{person.Device.Id} 0 {Text(Day + 60)} {Text(package.Length)}");
        }
    }

    /// <summary>A conversation of three. Ben takes what is in his inbox, Cleo does not; each says something; Cleo is removed.</summary>
    private async Task MeetAsync()
    {
        var (log, first) = await _ada.Session.NewLogAsync();
        _logs.Add(log.ToBytes());
        var (second, third) = (Device.NewKey(), Device.NewKey());
        var (welcome, unread) = (Posts.To(_ben.Device.Id, 700), Posts.To(_cleo.Device.Id, 8000));
        await PostAsync(_ada, Posts.Commit(log, 0, second, welcome, unread));
        await _ada.Session.SubscribeAsync(log, second);
        var item = Assert.Single((await _ben.Session.AskAsync<InboxItems>(request => new ReadInbox(request))).Items);
        await _ben.Session.AskAsync<Done>(request => new InboxDone(request, [item.Id]));
        _gone.Add(welcome.Bytes[..32].ToArray());
        Tell("inbox", $"{_cleo.Device.Id} {Text(Day + RetentionDays)} 8000");
        foreach (var person in new[] { _ben, _cleo }) await person.Session.SubscribeAsync(log, second);
        foreach (var person in Everybody) await PostAsync(person, Posts.Application(log, 1, 300));
        var shortLived = Posts.Application(log, 1, 500, ExpiryBucket.Hour);
        ShortLived = await PostAsync(_cleo, shortLived, Hour + 2);
        _goneSoon.Add(shortLived.Bytes[..32].ToArray());
        await PostAsync(_ada, Posts.Commit(log, 5, third));
        await _ada.Session.SubscribeAsync(log, third);
        await PostAsync(_ada, Posts.Application(log, 6, 400));
        Tell("conversations", $"{log} 7 6");
        Tell("changes", $"{log} 0 {Hex(first.PublicKey)} {Text(Hour + 25)}");
        Tell("changes", $"{log} 1 {Hex(second.PublicKey)} {Text(Hour + 25)}");
        Tell("changes", $"{log} 6 {Hex(third.PublicKey)} -");
    }

    private async Task TalkInTwoAsync()
    {
        var (log, first) = await _ben.Session.NewLogAsync();
        _logs.Add(log.ToBytes());
        var second = Device.NewKey();
        await PostAsync(_ben, Posts.Commit(log, 0, second, Posts.To(_ada.Device.Id, 900)));
        Tell("inbox", $"{_ada.Device.Id} {Text(Day + RetentionDays)} 900");
        await _ben.Session.SubscribeAsync(log, second);
        await _ada.Session.SubscribeAsync(log, second);
        await PostAsync(_ada, Posts.Application(log, 1, 600));
        await PostAsync(_ben, Posts.Application(log, 2, 20_000));
        Tell("conversations", $"{log} 3 1");
        Tell("changes", $"{log} 0 {Hex(first.PublicKey)} {Text(Hour + 25)}");
        Tell("changes", $"{log} 1 {Hex(second.PublicKey)} -");
    }

    /// <summary>One is whole, one was begun, one is deleted again.</summary>
    private async Task ShareFilesAsync()
    {
        await UploadAsync(_ben, 5000, 5000);
        await UploadAsync(_cleo, 4000, 1000);
        var (deleted, token, content) = await UploadAsync(_ada, 3000, 3000, kept: false);
        using var request = _ada.Session.Request(HttpMethod.Delete, Rest.Blobs + deleted);
        request.Headers.Add(Rest.DeleteToken, Hex(token));
        (await _ada.Session.HttpAsync(request)).EnsureSuccessStatusCode();
        _goneFiles.Add(content[..32]);
        _gone.Add(SHA256.HashData(token));
    }

    private async Task<(BlobId Blob, byte[] Token, byte[] Content)> UploadAsync(Person person, int size, int sent, bool kept = true)
    {
        var blob = BlobId.Of(RandomSource.System.PublicBytes(16));
        byte[] token = RandomSource.System.PublicBytes(ProtocolLimits.DeleteTokenBytes), content = RandomSource.System.PublicBytes(sent);
        (await person.Session.HttpAsync(Rest.Blobs + blob, new BlobCreation((ulong)size, SHA256.HashData(token), ExpiryBucket.Week))).EnsureSuccessStatusCode();
        using var request = person.Session.Request(HttpMethod.Patch, Rest.Blobs + blob, new ByteArrayContent(content));
        request.Headers.Add(Rest.UploadOffset, "0");
        (await person.Session.HttpAsync(request)).EnsureSuccessStatusCode();
        if (kept)
        {
            Tell("files", $"{blob} {Text(size)} {Hex(SHA256.HashData(token))} {Text((Day + 8) * 24)}");
            Tell("files", $"{blob} has {Text(sent)}");
            Tell("times", $"{blob} of {_clock.GetUtcNow().UtcDateTime.Date:O}");
        }
        return (blob, token, content);
    }

    private async Task<string> PostAsync(Person person, Post post, long? expires = null)
    {
        ulong position = await person.Session.PostAsync(post);
        _order.Add(post.Id.ToString());
        return Tell("entries", $"{post.Log} {Text((long)position)} {post.Id} {Text((int)post.Kind)} {Text(expires ?? RetentionEnds)} {Text(post.Bytes.Length)}");
    }

    private string Tell(string answer, string fact)
    {
        if (!_truth.TryGetValue(answer, out var facts)) _truth.Add(answer, facts = []);
        facts.Add(fact);
        return fact;
    }

    private static byte[] KeyPackage(Device device, int size)
    {
        byte[] known = [.. Encoding.ASCII.GetBytes(device.Pin.ToString()), .. device.Identity.PublicKey.Span, .. device.Id.ToBytes()];
        return [.. RandomSource.System.PublicBytes(200), .. known, .. RandomSource.System.PublicBytes(size - 200 - known.Length)];
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static string Hex(ReadOnlyMemory<byte> bytes) => Convert.ToHexStringLower(bytes.Span);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
