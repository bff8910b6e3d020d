using System.Net;
using Holdfast.Codec;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class AccountTests
{
    [Fact]
    public async Task TheOwnersInviteMakesAnAccountThatCanLogIn()
    {
        await using var server = await TestServer.StartAsync();
        var device = await Device.JoinAsync(server.Endpoint, server.OwnerInvite!);
        await using var session = await device.ConnectAsync(server.Endpoint);
        Assert.Equal(0, session.LoggedIn!.KeyPackages);
    }

    [Fact]
    public async Task OnlyTheVeryFirstStartMakesAnOwnersInviteAndTheServerKeyStays()
    {
        await using var server = await TestServer.StartAsync();
        byte[] key = server.Endpoint.Key.ToArray();
        await server.RestartAsync();
        Assert.Null(server.OwnerInvite);
        Assert.Equal(key, server.Endpoint.Key.ToArray());
    }

    [Fact]
    public async Task AnInviteIsGoodOnce()
    {
        await using var server = await TestServer.StartAsync();
        byte[] token = Device.Link(await server.InviteAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new Device().RegisterAsync(server.Endpoint, token)));
        Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode)) await Refusals.ExpectAsync(refused, RefusalCode.BadInvite);
    }

    [Fact]
    public async Task ARegistrationRepeatedAfterALostReplyGetsTheSameAccount()
    {
        await using var server = await TestServer.StartAsync();
        byte[] token = Device.Link(await server.InviteAsync());
        var device = new Device();
        var pins = new List<Pin>();
        for (int i = 0; i < 2; i++)
        {
            using var answer = await device.RegisterAsync(server.Endpoint, token);
            pins.Add(Tls.Decode<Registered>(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Pin);
        }
        Assert.Equal(pins[0], pins[1]);
    }

    [Fact]
    public async Task AnIdentityCannotAddASecondDeviceWithoutAnInvite()
    {
        await using var server = await TestServer.StartAsync();
        byte[] token = Device.Link(await server.InviteAsync());
        var device = new Device();
        (await device.RegisterAsync(server.Endpoint, token)).EnsureSuccessStatusCode();
        var other = new Device();
        byte[] text = SignedTexts.Registration(token, device.Identity.PublicKey.Span, other.Id, other.LoginKey.PublicKey.Span);
        var second = new Registration(token, device.Identity.PublicKey, other.Id, other.LoginKey.PublicKey, device.Identity.Sign(text));
        await Refusals.ExpectAsync(await Device.PostAsync(server.Endpoint, Rest.Accounts, second), RefusalCode.BadInvite);
    }

    [Fact]
    public async Task ADeviceIdThatIsTakenIsRefusedAndTheInviteStaysGood()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.JoinAsync();
        byte[] token = Device.Link(await server.InviteAsync());
        var thief = new Device();
        byte[] text = SignedTexts.Registration(token, thief.Identity.PublicKey.Span, first.Id, thief.LoginKey.PublicKey.Span);
        var stolen = new Registration(token, thief.Identity.PublicKey, first.Id, thief.LoginKey.PublicKey, thief.Identity.Sign(text));
        await Refusals.ExpectAsync(await Device.PostAsync(server.Endpoint, Rest.Accounts, stolen), RefusalCode.Malformed);
        (await thief.RegisterAsync(server.Endpoint, token)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task ARegistrationNeedsTheIdentityKeysSignature()
    {
        await using var server = await TestServer.StartAsync();
        byte[] token = Device.Link(await server.InviteAsync());
        var device = new Device();
        var forged = device.Registration(token) with { Signature = new byte[64] };
        await Refusals.ExpectAsync(await Device.PostAsync(server.Endpoint, Rest.Accounts, forged), RefusalCode.BadLogin);
        (await device.RegisterAsync(server.Endpoint, token)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task AnInviteThatExpiredOrNeverWasIsRefused()
    {
        await using var server = await TestServer.StartAsync();
        byte[] token = Device.Link(await server.InviteAsync());
        server.Clock.Advance(TimeSpan.FromDays(9));
        await Refusals.ExpectAsync(await new Device().RegisterAsync(server.Endpoint, token), RefusalCode.BadInvite);
        await Refusals.ExpectAsync(await new Device().RegisterAsync(server.Endpoint, new byte[16]), RefusalCode.BadInvite);
    }

    [Fact]
    public async Task AMembersInviteIsGoodForAsManyAccountsAsItSays()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        byte[] token = new byte[16];
        token[0] = 7;
        for (int repeat = 0; repeat < 2; repeat++)
            Assert.Equal(HttpStatusCode.NoContent, (await session.HttpAsync(Rest.Invites, new InviteUpload(InviteSecret.TokenHash(token), 3, 2))).StatusCode);
        (await new Device().RegisterAsync(server.Endpoint, token)).EnsureSuccessStatusCode();
        (await new Device().RegisterAsync(server.Endpoint, token)).EnsureSuccessStatusCode();
        await Refusals.ExpectAsync(await new Device().RegisterAsync(server.Endpoint, token), RefusalCode.BadInvite);
    }
}
