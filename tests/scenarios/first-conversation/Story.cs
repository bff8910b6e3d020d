namespace Holdfast.Scenarios.FirstConversation;

/// <summary>The people, what they talk in and what they do, step by step.</summary>
internal sealed class Story : IDisposable
{
    private const string Title = "Redaktion Nordhafen";

    private readonly string _folder;
    private readonly Transcript _transcript;
    private readonly Random _random;
    private readonly Installation _installation;
    private readonly Corpus _corpus;
    private readonly Server _server;
    private readonly Chaos _chaos;
    private readonly Person _ada, _ben, _cai, _dee, _eve, _fay;
    private readonly Conversation _two, _group;
    private readonly List<Message> _beforeRemoval = [], _afterJoining = [];
    private readonly Evidence _evidence;

    /// <summary>Everyone and everything, but nothing runs yet.</summary>
    public Story(string folder, int seed, Transcript transcript)
    {
        transcript.Step("the files are made and the programs copied");
        (_folder, _transcript, _random) = (folder, transcript, new Random(seed));
        _installation = Installation.WithRecorder(Path.Combine(folder, "bin"));
        _corpus = new(Path.Combine(folder, "files"), new Random(seed + 1));
        _server = new(_installation, Path.Combine(folder, "server"));
        _chaos = new(_server, transcript, new Random(seed + 2));
        (_ada, _ben, _cai) = (Meet("Ada Aschenbach"), Meet("Ben Birnbaum"), Meet("Cai Cederström"));
        (_dee, _eve, _fay) = (Meet("Dee Donnersmarck"), Meet("Eve Eichendorff"), Meet("Fay Falkenhayn"));
        (_two, _group) = (new("the conversation of two", _ada, _ben), new(Title));
        _evidence = new(folder, _server, _installation, _corpus, transcript);
    }

    private Person[] Everyone => [_ada, _ben, _cai, _dee, _eve, _fay];

    /// <summary>A server, its owner, and four who are invited.</summary>
    public async Task PeopleArriveAsync()
    {
        _transcript.Step("a server and five people");
        await _server.StartAsync();
        await _ada.JoinAsync(_server.OwnerInvite);
        var invites = await _ada.InviteAsync(4);
        await Task.WhenAll(new[] { _ben, _cai, _dee, _eve }.Select(person => person.JoinAsync(invites.Dequeue())));
    }

    /// <summary>Dee is away before the first word is said.</summary>
    public async Task OneGoesOfflineAsync()
    {
        _transcript.Step("one goes offline");
        await _dee.LockAsync();
        Assert.Null(ProcessTable.AgentOf(_dee.Profile));
        Assert.Null(ProcessTable.VaultOf(_dee.Profile));
    }

    /// <summary>One of two, and one of five.</summary>
    public async Task ConversationsFormAsync()
    {
        _transcript.Step("a conversation of two and a group of five");
        await _ada.SendAsync(_two, [_two.Say(_ada, _corpus, "Are you there?", markerFirst: true)], static _ => { });
        await _ada.CreateGroupAsync(Title, _ben, _cai, _dee, _eve);
    }

    /// <summary>Half the naughty strings and half the files, in both conversations, with three kills.</summary>
    public async Task TheFirstHalfIsSaidAsync()
    {
        _transcript.Step("the first half is said");
        int half = _corpus.Lines.Count / 2;
        await SayAsync(Enumerable.Range(0, half), _corpus.Files.Take(_corpus.Files.Count / 2), kills: 3, _ada, _ben, _cai, _eve);
    }

    /// <summary>100 MB, with two kills on the way.</summary>
    public async Task ALargeFileIsSentAsync()
    {
        _transcript.Step("a file of 100 MB is sent");
        _chaos.Within(TimeSpan.FromSeconds(2), 2, _eve);
        await _eve.SendAsync(_group, _group.Give(_eve, _corpus.Large));
        await _chaos.SettleAsync();
        _beforeRemoval.AddRange(_group.Messages);
    }

    /// <summary>Cai goes and Fay comes, while Eve goes on talking; one kill.</summary>
    public async Task OneIsRemovedAndOneJoinsAsync()
    {
        _transcript.Step("one is removed and one joins");
        var invites = await _ben.InviteAsync(1);
        await _fay.JoinAsync(invites.Dequeue());
        Message[] meanwhile = [.. Enumerable.Range(0, 40).Select(i => _group.Say(_eve, _corpus, $"While they come and go, sentence {i}", i % 2 == 0))];
        _chaos.Within(TimeSpan.FromSeconds(1.5), 1, _ada, _ben, _eve);
        await Task.WhenAll(
            _ada.RemoveAsync(_group, _cai), _ben.AddAsync(_group, _fay), _eve.SendAsync(_group, meanwhile, static _ => { }));
        await _chaos.SettleAsync();
        var refused = await _cai.TrySendAsync(_group, "May I?");
        Assert.Equal(1, refused.Exit);
    }

    /// <summary>Dee's Welcome lies in her inbox now: what is on the disk says most about who is where.</summary>
    public void TheServersDiskIsCopied() => _evidence.CopyDatabase(midway: true);

    /// <summary>The other half, with the newcomer and without the one who was removed; three kills.</summary>
    public async Task TheSecondHalfIsSaidAsync()
    {
        _transcript.Step("the second half is said");
        int half = _corpus.Lines.Count / 2, known = _group.Messages.Count;
        await SayAsync(Enumerable.Range(half, _corpus.Lines.Count - half), _corpus.Files.Skip(_corpus.Files.Count / 2), kills: 3, _ada, _ben, _eve, _fay);
        _afterJoining.AddRange(_group.Messages.Skip(known));
    }

    /// <summary>All at once, and killed once on the way.</summary>
    public async Task WhoWasOfflineCatchesUpAsync()
    {
        _transcript.Step("who was offline catches up");
        _chaos.Within(TimeSpan.FromSeconds(1), 1, _dee);
        await _dee.ReadAsync(_group);
        await _chaos.SettleAsync();
        Assert.Equal(Chaos.Kills, _chaos.Struck);
    }

    /// <summary>The same bytes in the same order for all who stayed; a beginning for who was removed, an end for who joined.</summary>
    public async Task EveryoneHasTheSameAsync()
    {
        _transcript.Step("histories are compared");
        var (two, twoToo) = (await _ada.ReadAsync(_two), await _ben.ReadAsync(_two));
        Assert.Empty(two.Faults(_two.Messages));
        Assert.Null(two.DifferenceFrom(twoToo));

        var whole = await _ada.ReadAsync(_group);
        Assert.Empty(whole.Faults(_group.Messages));
        foreach (var person in new[] { _ben, _dee, _eve }) Assert.Null(whole.DifferenceFrom(await person.ReadAsync(_group)));

        var ofRemoved = await _cai.ReadAsync(_group);
        Assert.Null(ofRemoved.NotTheBeginningOf(whole));
        Assert.Empty(_beforeRemoval.Select(static message => message.Sign).Except(ofRemoved.Signs()));
        Assert.Empty(ofRemoved.Signs().Intersect(_afterJoining.Select(static message => message.Sign)));

        var ofNewcomer = await _fay.ReadAsync(_group);
        Assert.Null(ofNewcomer.NotTheEndOf(whole));
        Assert.Empty(_afterJoining.Select(static message => message.Sign).Except(ofNewcomer.Signs()));
        Assert.Empty(ofNewcomer.Signs().Intersect(_beforeRemoval.Select(static message => message.Sign)));
    }

    /// <summary>Who was offline saves all of the group's; each is saved by one more, in turn.</summary>
    public async Task SavedFilesAreTheOriginalsAsync()
    {
        _transcript.Step("files are saved and compared");
        var (two, whole) = (await _ada.ReadAsync(_two), await _ada.ReadAsync(_group));
        Person[] inTurn = [_ada, _ben, _eve];
        var savings = new List<(Person Who, string Id, SpecimenFile File)>();
        foreach (var message in _group.Messages.Where(static message => message.File is not null))
        {
            string id = whole.IdOf(message.File!);
            savings.Add((_dee, id, message.File!));
            savings.Add((inTurn[savings.Count / 2 % inTurn.Length], id, message.File!));
        }
        savings.AddRange(_two.Messages.Where(static message => message.File is not null)
            .Select((message, i) => (i % 2 == 0 ? _ada : _ben, two.IdOf(message.File!), message.File!)));
        await Parallel.ForEachAsync(savings, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (saving, _) =>
        {
            string saved = await saving.Who.SaveAsync(saving.Id, Path.Combine(_folder, "saved", saving.Who.Name));
            Assert.Equal(SpecimenFile.HashOf(saving.File.Path), SpecimenFile.HashOf(saved));
        });
        await _evidence.LearnIdsAsync(Everyone, _ada, _two, _group);
    }

    /// <summary>As a raid would find it: nothing is closed, tidied or written back.</summary>
    public void EverythingIsKilled()
    {
        _transcript.Step("everything is killed");
        End();
        _evidence.CopyDatabase(midway: false);
    }

    /// <summary>No word, name, passcode or secret, in any form; a planted one is found.</summary>
    public void NothingOfItIsOnTheDisk() => _evidence.SearchTheDisk(Everyone, Title, [.. _two.Messages, .. _group.Messages]);

    /// <summary>Neither midway nor at the end; a planted pairing is found.</summary>
    public void NoDeviceIsPairedWithALog() => _evidence.TryToPair();

    /// <inheritdoc/>
    public void Dispose()
    {
        End();
        _chaos.Dispose();
    }

    private void End()
    {
        _server.Kill();
        foreach (var person in Everyone) person.Kill();
    }

    private Person Meet(string name)
    {
        string folder = Path.Combine(_folder, name[..3].ToLowerInvariant());
        return new(_installation, _transcript, folder, name, $"{name[..3]} opens it with {_random.NextInt64():x16}");
    }

    /// <summary>
    /// Each line is said in the group and in the conversation of two, by people drawn at random, all at the same time; files go one
    /// after the other, in turn into either.
    /// </summary>
    private async Task SayAsync(IEnumerable<int> lines, IEnumerable<SpecimenFile> files, int kills, params Person[] people)
    {
        var sendings = new Dictionary<(Conversation, Person), List<Message>>();
        foreach (int line in lines)
        {
            Assign(_group, people, line, line % 2 == 0);
            Assign(_two, [_ada, _ben], line, line % 2 != 0);
        }
        var sent = _chaos.During(sendings.Values.Sum(static messages => messages.Count), kills, people);
        await Task.WhenAll(
            [SendFilesAsync(files, people), .. sendings.Select(pair => pair.Key.Item2.SendAsync(pair.Key.Item1, pair.Value, sent))]);
        await _chaos.SettleAsync();

        void Assign(Conversation conversation, Person[] among, int line, bool markerFirst)
        {
            var person = among[_random.Next(among.Length)];
            if (!sendings.TryGetValue((conversation, person), out var messages)) sendings[(conversation, person)] = messages = [];
            messages.Add(conversation.Say(person, _corpus, _corpus.Lines[line], markerFirst));
        }
    }

    private async Task SendFilesAsync(IEnumerable<SpecimenFile> files, Person[] people)
    {
        foreach (var (i, file) in files.Index())
        {
            var conversation = i % 2 == 0 ? _group : _two;
            var person = conversation == _two ? (i % 4 == 1 ? _ada : _ben) : people[_random.Next(people.Length)];
            await person.SendAsync(conversation, conversation.Give(person, file));
        }
    }
}
