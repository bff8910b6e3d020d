using Holdfast.Cryptography;
using Holdfast.Protocol;

namespace Holdfast.Server.Tests.Support;

/// <summary>Posts as a vault would make them; the bytes stand for ciphertext.</summary>
internal static class Posts
{
    public static MessageId NewId() => MessageId.Of(RandomSource.System.PublicBytes(16));

    public static Post Application(LogId log, ulong position, int size = 100, ExpiryBucket expiry = ExpiryBucket.Retention) =>
        new(log, NewId(), position, PostKind.Application, expiry, default, RandomSource.System.PublicBytes(size), []);

    public static Post Commit(LogId log, ulong position, SignatureKey next, params Delivery[] deliveries) =>
        new(log, NewId(), position, PostKind.Commit, ExpiryBucket.Retention, next.PublicKey, RandomSource.System.PublicBytes(200), deliveries);

    public static Delivery To(DeviceId device, int size = 300) => new(device, RandomSource.System.PublicBytes(size));
}
