using Holdfast.Codec;
using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Server.Bench.Load;

/// <summary>One account with its only device, and the keys its vault would have.</summary>
internal sealed class Account
{
    private static readonly Ed25519 Scheme = new();

    private readonly SignatureKey _identity = NewKey(), _login = NewKey();
    private ulong _counter;

    public DeviceId Device { get; } = DeviceId.Of(RandomSource.System.PublicBytes(Id128.Size));

    public static SignatureKey NewKey() => Scheme.Generate(RandomSource.System);

    /// <summary>An invite becomes an account.</summary>
    public static async Task<Account> RegisterAsync(HttpClient http, string invite)
    {
        if (!Invite.TryParse(invite, out var parsed, out string? problem)) throw new ArgumentException(problem, nameof(invite));
        var account = new Account();
        byte[] token = InviteSecret.Token(parsed!.Secret.Span);
        byte[] text = SignedTexts.Registration(token, account._identity.PublicKey.Span, account.Device, account._login.PublicKey.Span);
        var registration = new Registration(
            token, account._identity.PublicKey, account.Device, account._login.PublicKey, account._identity.Sign(text));
        using var body = new ByteArrayContent(Tls.Encode(registration));
        using var response = await http.PostAsync(new Uri(Rest.Accounts, UriKind.Relative), body);
        response.EnsureSuccessStatusCode();
        return account;
    }

    /// <summary>As many accounts as there are invites, a few at a time.</summary>
    public static async Task<Account[]> RegisterAllAsync(Target target, IReadOnlyList<string> invites)
    {
        const int AtOnce = 32;
        using var handler = new SocketsHttpHandler { SslOptions = target.Pinned, MaxConnectionsPerServer = AtOnce };
        using var http = new HttpClient(handler) { BaseAddress = target.Address };
        var accounts = new Account[invites.Count];
        await Parallel.ForAsync(
            0, accounts.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (i, _) => accounts[i] = await RegisterAsync(http, invites[i]));
        return accounts;
    }

    /// <summary>The next login, for a connection with this nonce.</summary>
    public Login Login(Target target, ReadOnlySpan<byte> nonce)
    {
        _counter++;
        return new(Device, _counter, _login.Sign(SignedTexts.Login(target.Key, nonce, Device, _counter)));
    }
}
