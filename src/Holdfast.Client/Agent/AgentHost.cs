using Holdfast.Cryptography;
using Microsoft.Extensions.Logging;

namespace Holdfast.Client;

/// <summary>The agent: what <c>holdfast agent --profile DIR</c> runs.</summary>
public static class AgentHost
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(3), LockPause = TimeSpan.FromMilliseconds(20), LookTime = TimeSpan.FromMilliseconds(200);

    /// <summary>Serves faces until lock, idle time, the vault's end or cancellation. Returns at once where the profile has an agent already.</summary>
    /// <param name="options">Whose agent, and how.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">Randomness.</param>
    /// <param name="logger">Where engineers are told; nothing is logged to disk unless this does.</param>
    /// <param name="cancellationToken">Ends the agent.</param>
    public static async Task RunAsync(AgentOptions options, TimeProvider time, RandomSource random, ILogger logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        options.Profile.Prepare();
        bool leavesDelivery;
        using (var taken = await TakeAsync(options.Profile, time, cancellationToken))
        {
            if (taken is null) return;
            var scheduler = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;   // one step at a time: no locks anywhere
            leavesDelivery = await Task.Factory.StartNew(
                () => ServeAsync(options, time, random, logger, cancellationToken), cancellationToken, TaskCreationOptions.None, scheduler).Unwrap();
        }
        if (leavesDelivery) options.Successor?.Start().Dispose();
    }

    /// <summary>Whether another agent is to fetch from now on.</summary>
    private static async Task<bool> ServeAsync(
        AgentOptions options, TimeProvider time, RandomSource random, ILogger logger, CancellationToken cancellationToken)
    {
        using var agent = new ProfileAgent(options, time, random, logger);
        try
        {
            await TryFetchAsync(agent, cancellationToken);
            var server = new FaceServer(agent, options, time);
            string reason = await server.RunAsync(cancellationToken);
            Log.AgentEnds(logger, reason);
            return agent.LeavesDelivery;
        }
        finally { await agent.StopFetchingAsync(); }
    }

    private static async Task TryFetchAsync(ProfileAgent agent, CancellationToken cancellationToken)
    {
        try { await agent.StartFetchingAsync(cancellationToken); }
        catch (Exception failed) when (failed is VaultEndedException or VaultRefusedException or ServerAddressException)
        {
            return;   // the first command says what is wrong
        }
    }

    /// <summary>
    /// One profile has one agent. One that is about to end, or a command that only looks, holds the lock a little longer; one that answers
    /// all that time serves, and there is nothing to wait for. (A socket alone tells nothing: a kill leaves it.)
    /// </summary>
    private static async Task<FileStream?> TakeAsync(Profile profile, TimeProvider time, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            try { return new FileStream(profile.LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
            catch (IOException) when (time.GetElapsedTime(began) >= LockPatience) { return null; }
            catch (IOException)
            {
                if (time.GetElapsedTime(began) > LookTime && await IsServedAsync(profile, cancellationToken)) return null;
                await Task.Delay(LockPause, time, cancellationToken);
            }
        }
    }

    private static async Task<bool> IsServedAsync(Profile profile, CancellationToken cancellationToken)
    {
        await using var link = await AgentLink.TryConnectAsync(profile, cancellationToken);
        return link is not null;
    }
}
