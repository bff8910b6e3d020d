using Npgsql;

namespace Holdfast.Server.Storage.Postgres;

/// <summary>Where a PostgreSQL is: <c>postgres://user@host:port/database</c>, with the parameters that operators know from other programs.</summary>
internal static class PostgresAddress
{
    private const string Example = "postgres://holdfast@db.example.org/holdfast";
    private const int DefaultPort = 5432;

    /// <summary>
    /// Acknowledged means on disk. And what a node holds that the network has cut off is given free within half a minute: its locks would keep the
    /// others waiting, for hours by PostgreSQL's own measure.
    /// </summary>
    private const string Options = "-c synchronous_commit=on -c idle_in_transaction_session_timeout=20s -c tcp_user_timeout=20s " +
        "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3";

    /// <summary>
    /// All that is asked while somebody waits is asked by key. A plan that was made when a table was small would go through all of it, and is kept
    /// until the database next looks how large it has become.
    /// </summary>
    private const string ByKey = " -c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off -c jit=off";

    /// <summary>What the driver wants to know. A host that is not this machine is reached over TLS whose certificate is checked, unless the address says otherwise.</summary>
    /// <exception cref="UsageException">It is no such address, or holds a password, which every user of the machine could read.</exception>
    public static string Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("postgres" or "postgresql"))
            throw new UsageException($"--database is an address such as {Example}.");
        if (address.UserInfo.Contains(':', StringComparison.Ordinal))
            throw new UsageException("A password in --database can be read by every user of this machine: put it into a password file (PGPASSFILE, ~/.pgpass).");
        var driver = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host.Length == 0 ? "/var/run/postgresql" : address.Host.Trim('[', ']'),
            Port = address.Port > 0 ? address.Port : DefaultPort,
            Database = Uri.UnescapeDataString(address.AbsolutePath.Trim('/')),
            Username = address.UserInfo.Length == 0 ? null : Uri.UnescapeDataString(address.UserInfo),
            Pooling = false,
            Enlist = false,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            Timeout = 15,
            CommandTimeout = 30,
            KeepAlive = 30,
            TcpKeepAlive = true,
            TcpKeepAliveTime = 10,
            TcpKeepAliveInterval = 3,
            IncludeErrorDetail = false,
            Options = Options + ByKey,
            ApplicationName = "holdfast-server",
        };
        SslMode? chosen = null;
        foreach (var (name, value) in Parameters(address.Query))
            if (name == "sslmode" && Modes.TryGetValue(value, out var mode)) chosen = mode;
            else Set(driver, name, value);
        driver.SslMode = chosen ?? (IsHere(driver.Host) ? SslMode.Disable : SslMode.VerifyFull);
        if (driver.Database.Length == 0) throw new UsageException($"--database names no database: it is an address such as {Example}.");
        return driver.ConnectionString;
    }

    /// <summary>That the driver can read the file that a password may be in.</summary>
    /// <exception cref="StartupException">There is none where one was named, or this user may not read it.</exception>
    public static void RequirePasswordFile(string connectionString)
    {
        string? named = new NpgsqlConnectionStringBuilder(connectionString).Passfile ?? Environment.GetEnvironmentVariable("PGPASSFILE");
        string file = named ?? Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".pgpass");
        try { File.OpenRead(file).Dispose(); }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            if (named is not null) throw new StartupException($"There is no password file {file}.");
        }
        catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
        {
            throw new StartupException($"The password file {file} cannot be read by this user: give this user the right to (chmod 600, owned by the server's user).");
        }
    }

    private static void Set(NpgsqlConnectionStringBuilder driver, string name, string value)
    {
        switch (name)
        {
            case "host": driver.Host = value; break;
            case "sslrootcert": driver.RootCertificate = value; break;
            case "sslcert": driver.SslCertificate = value; break;
            case "sslkey": driver.SslKey = value; break;
            case "passfile": driver.Passfile = value; break;
            default: throw new UsageException($"{name}={value} in --database is not understood: host, sslmode, sslrootcert, sslcert, sslkey and passfile are.");
        }
    }

    private static readonly Dictionary<string, SslMode> Modes = new()
    {
        ["disable"] = SslMode.Disable, ["require"] = SslMode.Require, ["verify-ca"] = SslMode.VerifyCA, ["verify-full"] = SslMode.VerifyFull,
    };

    private static bool IsHere(string host) => host is "localhost" or "127.0.0.1" or "::1" || host.StartsWith('/');

    private static IEnumerable<(string Name, string Value)> Parameters(string query)
    {
        foreach (string part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0) throw new UsageException($"{part} in --database has no value.");
            yield return (part[..equals], Uri.UnescapeDataString(part[(equals + 1)..]));
        }
    }
}
