using Holdfast.Server.Storage;

namespace Holdfast.Server.Invites;

/// <summary>Invites that are still good: the hash of a token, how often, until which day. Not who made them.</summary>
internal sealed class InviteStore(Database database)
{
    internal const string Tables =
        """
        CREATE TABLE invites (token_hash BLOB PRIMARY KEY, uses INTEGER NOT NULL, last_day INTEGER NOT NULL) WITHOUT ROWID;

        """;

    private readonly Statement _add = database.Prepare("INSERT INTO invites VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
    private readonly Statement _use = database.Prepare("UPDATE invites SET uses = uses - 1 WHERE token_hash = $1 AND uses > 0 AND last_day >= $2");
    private readonly Statement _dropUsed = database.Prepare("DELETE FROM invites WHERE token_hash = $1 AND uses <= 0");
    private readonly Statement _dropExpired = database.Prepare("DELETE FROM invites WHERE last_day < $1");

    /// <summary>Keeps an invite; doing it twice is doing it once.</summary>
    public void Add(ReadOnlySpan<byte> tokenHash, int uses, long lastDay) => _add.Start().With(tokenHash).With(uses).With(lastDay).Run();

    /// <summary>Takes one use of an invite; false where it was never given out, is used up or has expired.</summary>
    public bool Use(ReadOnlySpan<byte> tokenHash, long today)
    {
        if (_use.Start().With(tokenHash).With(today).Run() == 0) return false;
        _dropUsed.Start().With(tokenHash).Run();
        return true;
    }

    /// <summary>Removes what has expired.</summary>
    public int DropExpired(long today) => _dropExpired.Start().With(today).Run();
}
