using Holdfast.Protocol;

namespace Holdfast.Server.Storage;

/// <summary>What the works of one batch are about: on a shared database that is locked and read before the first of them is done.</summary>
internal sealed class Announced
{
    /// <summary>The posts to come.</summary>
    public List<AnnouncedPost> Posts { get; } = [];

    /// <summary>The devices that ask for something; true for those that log in, which nothing may be done for at the same time.</summary>
    public Dictionary<DeviceId, bool> Devices { get; } = [];

    /// <summary>A device asks for something.</summary>
    public void Add(DeviceId device, bool logsIn = false) => Devices[device] = logsIn || Devices.GetValueOrDefault(device);
}

/// <summary>A post to come.</summary>
/// <param name="Log">Its log.</param>
/// <param name="Id">Its id, which may be there already.</param>
/// <param name="AccessKey">Under which key.</param>
/// <param name="ExpiresHour">When it will expire.</param>
internal readonly record struct AnnouncedPost(LogId Log, MessageId Id, ReadOnlyMemory<byte> AccessKey, long ExpiresHour);
