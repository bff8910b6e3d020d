using Holdfast.Protocol;
using Holdfast.Server.Accounts;
using Holdfast.Server.Blobs;
using Holdfast.Server.Connections;
using Holdfast.Server.Invites;
using Holdfast.Server.KeyPackages;
using Holdfast.Server.Limits;
using Holdfast.Server.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Holdfast.Server.Web;

/// <summary>Every path there is.</summary>
internal static class Routes
{
    private const string Blob = Rest.Blobs + "{blob}";
    private const string Claim = Rest.Accounts + "/{pin}/key-packages";

    public static void Map(WebApplication web, Node node, ServerOptions options)
    {
        if (options.Metrics is not null) web.Use(new MetricsEndpoint(node.Metrics).InvokeAsync);
        web.UseMiddleware<Problems>(node.Metrics, node.IsShared);
        web.Use(new Admission(node.Draining, node.Writer, node.Hub, node.Metrics, options.MostConnections).InvokeAsync);
        web.UseWebSockets();   // it judges the handshake; the rest is Connections/ConnectEndpoint.cs
        var health = new Health(node.Writer, node.Draining, node.Clock);
        web.MapGet(Rest.Health, health.HandleAsync);
        web.MapGet(Rest.HealthLive, Health.LiveAsync);
        web.MapGet(Rest.HealthReady, health.ReadyAsync);
        web.MapGet(Rest.OpenApi, OpenApi.HandleAsync);
        web.MapGet(Rest.Connect, new ConnectEndpoint(node.Connections, node.Addresses).HandleAsync);
        web.MapPost(Rest.Accounts, new RegistrationEndpoint(node.Writer, node.Clock, node.Addresses, node.Metrics).HandleAsync);
        web.MapPost(Rest.Invites, new InviteEndpoint(node.Writer, node.Sessions, node.Clock).HandleAsync);
        var keyPackages = new KeyPackageEndpoints(node.Writer, node.Sessions, node.Retention, node.Metrics);
        web.MapPost(Rest.KeyPackages, keyPackages.UploadAsync);
        web.MapPost(Claim, keyPackages.ClaimAsync);
        var blobs = new BlobEndpoints(
            node.Writer, node.Readers, node.Sessions, node.Blobs, node.Retention, node.Metrics, node.Logs.CreateLogger<BlobEndpoints>());
        web.MapPost(Blob, blobs.CreateAsync);
        web.MapPatch(Blob, blobs.AppendAsync);
        web.MapMethods(Blob, [HttpMethods.Head], blobs.HeadAsync);
        web.MapGet(Blob, blobs.GetAsync);
        web.MapDelete(Blob, blobs.DeleteAsync);
    }
}
