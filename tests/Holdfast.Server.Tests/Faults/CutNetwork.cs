using System.Diagnostics;
using System.Security.Cryptography;

namespace Holdfast.Server.Tests.Faults;

/// <summary>Which way nothing goes any more.</summary>
[Flags]
internal enum Cut
{
    Incoming = 1,
    Outgoing = 2,
    Full = 3,
}

/// <summary>
/// Hosts in network namespaces of their own on one bridge, between which nftables drops what it is told to. The clients are this process, which has
/// the bridge's own address. All names are of this run, and all of it goes when it ends. Needs root, iproute2 and nftables.
/// </summary>
internal sealed class CutNetwork : IDisposable
{
    private readonly string _id = "hf" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3));
    private readonly string _subnet = $"10.{RandomNumberGenerator.GetInt32(64, 250)}.{RandomNumberGenerator.GetInt32(1, 250)}";
    private readonly List<string> _hosts = [];
    private bool _hasBridge;

    private CutNetwork()
    {
    }

    /// <summary>Where the clients are.</summary>
    public string Clients => _subnet + ".1";

    /// <summary>A network with so many hosts; null where this user or this system does not let us.</summary>
    public static CutNetwork? TryMake(int hosts)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return null;
        var network = new CutNetwork();
        try
        {
            network.Make(hosts);
            return network;
        }
        catch (InvalidOperationException)
        {
            network.Dispose();
            return null;
        }
    }

    /// <summary>The address of a host.</summary>
    public string AddressOf(int host) => $"{_subnet}.{host + 2}";

    /// <summary>The command that runs another on a host.</summary>
    public string[] On(int host) => ["ip", "netns", "exec", _hosts[host]];

    /// <summary>From now on nothing goes between a host and an address, as seen from the host.</summary>
    public void Sever(int host, string address, Cut cut)
    {
        if (cut.HasFlag(Cut.Incoming)) Do("ip", [.. On(host)[1..], "nft", "add", "rule", "inet", "cut", "incoming", "ip", "saddr", address, "drop"]);
        if (cut.HasFlag(Cut.Outgoing)) Do("ip", [.. On(host)[1..], "nft", "add", "rule", "inet", "cut", "outgoing", "ip", "daddr", address, "drop"]);
    }

    /// <summary>Everything goes again.</summary>
    public void Heal()
    {
        for (int host = 0; host < _hosts.Count; host++) Do("ip", [.. On(host)[1..], "nft", "flush", "table", "inet", "cut"]);
    }

    public void Dispose()
    {
        foreach (string host in _hosts) Try("ip", ["netns", "del", host]);   // with its end of the pair, and so the other
        if (_hasBridge) Try("ip", ["link", "del", _id]);
    }

    private void Make(int hosts)
    {
        Do("ip", ["link", "add", _id, "type", "bridge"]);
        _hasBridge = true;
        Do("ip", ["addr", "add", $"{Clients}/24", "dev", _id]);
        Do("ip", ["link", "set", _id, "up"]);
        for (int host = 0; host < hosts; host++) AddHost(host);
    }

    private void AddHost(int host)
    {
        string name = $"{_id}n{host}", outer = $"{_id}v{host}", inner = $"{_id}w{host}";
        Do("ip", ["netns", "add", name]);
        _hosts.Add(name);
        Do("ip", ["link", "add", outer, "type", "veth", "peer", "name", inner]);
        Do("ip", ["link", "set", inner, "netns", name]);
        Do("ip", ["link", "set", outer, "master", _id, "up"]);
        Do("ip", ["-n", name, "addr", "add", $"{AddressOf(host)}/24", "dev", inner]);
        Do("ip", ["-n", name, "link", "set", inner, "up"]);
        Do("ip", ["-n", name, "link", "set", "lo", "up"]);
        foreach (string words in (string[])[
            "add table inet cut",
            "add chain inet cut incoming { type filter hook input priority 0 ; }",
            "add chain inet cut outgoing { type filter hook output priority 0 ; }"])
            Do("ip", ["netns", "exec", name, "nft", words]);
    }

    private static void Do(string command, string[] words)
    {
        if (!Try(command, words)) throw new InvalidOperationException($"{command} {string.Join(' ', words)}");
    }

    private static bool Try(string command, string[] words)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception) { return false; }
    }
}
