using System.Net;
using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;
using Holdfast.Server.Tests.Support;

namespace Holdfast.Server.Tests;

public sealed class KeyPackageTests
{
    [Fact]
    public async Task TwoHundredClaimersNeverGetTheSameOneAndTheLastResortIsNeverUsedUp()
    {
        await using var server = await TestServer.StartAsync();
        await using var owner = await server.ConnectAsync();
        await using var claimer = await server.ConnectAsync();
        var oneTime = Enumerable.Range(0, 80).Select(_ => Package()).ToList();
        var lastResort = Package();
        (await owner.HttpAsync(Rest.KeyPackages, new KeyPackageUpload(oneTime, Package()))).EnsureSuccessStatusCode();
        (await owner.HttpAsync(Rest.KeyPackages, new KeyPackageUpload([], lastResort))).EnsureSuccessStatusCode();   // replaces

        var claims = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => ClaimAsync(claimer, owner.Device!.Pin)));
        var claimed = claims.Select(claim => Convert.ToHexString(Assert.Single(claim).Span)).ToList();
        string last = Convert.ToHexString(lastResort.Span);
        Assert.Equal(120, claimed.Count(package => package == last));
        Assert.Equal(oneTime.Select(package => Convert.ToHexString(package.Span)).Order(), claimed.Where(package => package != last).Order());
        await using var again = await owner.Device!.ConnectAsync(server.Endpoint);
        Assert.Equal(0, again.LoggedIn!.KeyPackages);
    }

    [Fact]
    public async Task TheLoginSaysHowManyAreLeftAndARepeatedUploadAddsNothing()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var upload = new KeyPackageUpload([Package(), Package(), Package()], Package());
        for (int i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.NoContent, (await session.HttpAsync(Rest.KeyPackages, upload)).StatusCode);
        await ClaimAsync(session, session.Device!.Pin);
        await using var again = await session.Device.ConnectAsync(server.Endpoint);
        Assert.Equal(2, again.LoggedIn!.KeyPackages);
    }

    [Fact]
    public async Task TooManyTooLargeAndEmptyOnesAreRefused()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var full = new KeyPackageUpload([.. Enumerable.Range(0, ProtocolLimits.KeyPackagesPerDevice).Select(_ => Package(40))], default);
        (await session.HttpAsync(Rest.KeyPackages, full)).EnsureSuccessStatusCode();
        await Refusals.ExpectAsync(await session.HttpAsync(Rest.KeyPackages, new KeyPackageUpload([Package()], default)), RefusalCode.TooLarge);
        await Refusals.ExpectAsync(await session.HttpAsync(Rest.KeyPackages, new KeyPackageUpload([default], default)), RefusalCode.Malformed);
        var huge = new KeyPackageUpload([Package(ProtocolLimits.KeyPackageBytes + 1)], default);
        await Refusals.ExpectAsync(await session.HttpAsync(Rest.KeyPackages, huge), RefusalCode.Malformed);
    }

    [Fact]
    public async Task APinNobodyHasIsUnknownAndAMistypedOneMalformed()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        await Refusals.ExpectAsync(await session.HttpAsync(HttpMethod.Post, Rest.Claim(Pin.FromRandom([1, 2, 3, 4, 5, 6, 7]))), RefusalCode.UnknownPin);
        await Refusals.ExpectAsync(await session.HttpAsync(HttpMethod.Post, "/v1/accounts/nonsense/key-packages"), RefusalCode.Malformed);
    }

    [Fact]
    public async Task AOneTimeOneIsNotHandedOutWhenItsLifetimeNearsItsEnd()
    {
        await using var server = await TestServer.StartAsync();
        await using var session = await server.ConnectAsync();
        var lastResort = Package();
        (await session.HttpAsync(Rest.KeyPackages, new KeyPackageUpload([Package(), Package()], lastResort))).EnsureSuccessStatusCode();
        server.Clock.Advance(TimeSpan.FromDays(ProtocolLimits.KeyPackageDays));
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        await using var later = await session.Device!.ConnectAsync(server.Endpoint);
        Assert.Equal(2, later.LoggedIn!.KeyPackages);
        var fresh = Package();
        (await later.HttpAsync(Rest.KeyPackages, new KeyPackageUpload([fresh], default))).EnsureSuccessStatusCode();
        server.Clock.Advance(TimeSpan.FromDays(1));
        await server.Node.Sweeper.SweepAsync(CancellationToken.None);
        await using var last = await session.Device.ConnectAsync(server.Endpoint);
        Assert.Equal(1, last.LoggedIn!.KeyPackages);
        Assert.Equal(fresh.ToArray(), Assert.Single(await ClaimAsync(last, session.Device.Pin)).ToArray());
        Assert.Equal(lastResort.ToArray(), Assert.Single(await ClaimAsync(last, session.Device.Pin)).ToArray());
    }

    private static ReadOnlyMemory<byte> Package(int size = 300) => RandomSource.System.PublicBytes(size);

    private static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ClaimAsync(Session session, Pin pin)
    {
        using var answer = await session.HttpAsync(HttpMethod.Post, Rest.Claim(pin));
        answer.EnsureSuccessStatusCode();
        return Tls.Decode<ClaimedKeyPackages>(await answer.Content.ReadAsByteArrayAsync()).Packages;
    }
}
