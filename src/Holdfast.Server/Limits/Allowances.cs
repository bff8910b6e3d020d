using Holdfast.Protocol;
using Holdfast.Server.Metrics;

namespace Holdfast.Server.Limits;

/// <summary>The limits of devices and accounts. They outlive connections, so that connecting again refills nothing, and no restart.</summary>
internal sealed class Allowances(Rates rates, TimeProvider clock, ServerMetrics metrics)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, Allowance> _devices = [];
    private readonly Dictionary<Pin, Buckets> _accounts = [];

    /// <summary>How many devices and accounts are remembered.</summary>
    public (int Devices, int Accounts) Count
    {
        get { lock (_gate) return (_devices.Count, _accounts.Count); }
    }

    /// <summary>A device's limits.</summary>
    public Allowance Of(DeviceId device, Pin account)
    {
        lock (_gate)
        {
            if (_devices.TryGetValue(device, out var known)) return known;
            if (!_accounts.TryGetValue(account, out var shared)) _accounts.Add(account, shared = new Buckets(rates, clock));
            return _devices[device] = new Allowance(rates, shared, clock, metrics);
        }
    }

    /// <summary>Forgets what has refilled, but of devices that are online.</summary>
    public void Tidy(Func<DeviceId, bool> isOnline)
    {
        lock (_gate)
        {
            foreach (var (device, allowance) in _devices)
                if (allowance.IsFull && !isOnline(device)) _devices.Remove(device);
            var used = _devices.Values.Select(static allowance => allowance.Account).ToHashSet();
            foreach (var (account, shared) in _accounts)
                if (!used.Contains(shared) && shared.IsFull) _accounts.Remove(account);
        }
    }
}
