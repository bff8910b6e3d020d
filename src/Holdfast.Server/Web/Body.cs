using System.Buffers;
using Holdfast.Codec;
using Holdfast.Protocol;
using Microsoft.AspNetCore.Http;

namespace Holdfast.Server.Web;

/// <summary>Bodies of the REST part: one structure each, bounded before they are buffered.</summary>
internal static class Body
{
    /// <summary>Reads the one structure a request carries.</summary>
    /// <exception cref="RefusalException">It is too large or malformed.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpContext context) where T : ITlsStruct<T>
    {
        if (context.Request.ContentLength > ProtocolLimits.FrameBytes) throw new RefusalException(RefusalCode.TooLarge);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (!read.IsCompleted && read.Buffer.Length <= ProtocolLimits.FrameBytes)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }
            try { return Decode<T>(read.Buffer); }
            finally { reader.AdvanceTo(read.Buffer.End); }
        }
    }

    /// <summary>Answers with one structure.</summary>
    public static Task WriteAsync<T>(HttpContext context, T value) where T : ITlsStruct<T>
    {
        byte[] bytes = Tls.Encode(value);
        context.Response.ContentType = Rest.ContentType;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static T Decode<T>(in ReadOnlySequence<byte> body) where T : ITlsStruct<T>
    {
        if (body.Length > ProtocolLimits.FrameBytes) throw new RefusalException(RefusalCode.TooLarge);
        try { return Tls.Decode<T>(body.IsSingleSegment ? body.FirstSpan : body.ToArray()); }
        catch (CodecException) { throw new RefusalException(RefusalCode.Malformed); }
    }
}
