using Holdfast.Server.Storage.Postgres;

namespace Holdfast.Server.Tests;

public sealed class PostgresAddressTests
{
    [Theory]
    [InlineData("", "VerifyFull"), InlineData("?sslmode=require", "Require"), InlineData("?host=other.example.org", "VerifyFull")]
    [InlineData("?sslmode=disable&host=other.example.org", "Disable"), InlineData("?host=other.example.org&sslmode=disable", "Disable")]
    [InlineData("?host=/var/run/postgresql", "Disable"), InlineData("?sslmode=verify-ca&host=/var/run/postgresql", "VerifyCA")]
    public void WhatTheAddressSaysOfTlsHoldsWhereverItStands(string parameters, string mode) =>
        Assert.Contains($"SSL Mode={mode}", PostgresAddress.Parse("postgres://holdfast@db.example.org/holdfast" + parameters), StringComparison.Ordinal);

    [Theory, InlineData("?sslmode=perhaps"), InlineData("?sslmode"), InlineData("?password=x")]
    public void WhatIsNotUnderstoodIsRefused(string parameters) =>
        Assert.Throws<UsageException>(() => PostgresAddress.Parse("postgres://holdfast@db.example.org/holdfast" + parameters));
}
