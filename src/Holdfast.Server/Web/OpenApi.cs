using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Web;

/// <summary>GET /v1/openapi.json: docs/openapi.json as it was when this was built.</summary>
internal static class OpenApi
{
    private static readonly byte[] Document = Load();

    public static Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Document.Length;
        return context.Response.Body.WriteAsync(Document, context.RequestAborted).AsTask();
    }

    private static byte[] Load()
    {
        using var resource = typeof(OpenApi).Assembly.GetManifestResourceStream("openapi.json") ?? throw new InvalidOperationException("built without its document");
        byte[] document = new byte[resource.Length];
        resource.ReadExactly(document);
        return document;
    }
}
