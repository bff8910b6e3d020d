namespace Holdfast.Client;

/// <summary>A file's media type by its extension: a hint for whoever shows it, trusted by nobody.</summary>
internal static class MediaTypes
{
    internal static string Of(string fileName) => Path.GetExtension(fileName).ToUpperInvariant() switch
    {
        ".TXT" or ".LOG" => "text/plain",
        ".MD" => "text/markdown",
        ".CSV" => "text/csv",
        ".HTML" or ".HTM" => "text/html",
        ".JSON" => "application/json",
        ".PDF" => "application/pdf",
        ".ZIP" => "application/zip",
        ".GZ" => "application/gzip",
        ".PNG" => "image/png",
        ".JPG" or ".JPEG" => "image/jpeg",
        ".GIF" => "image/gif",
        ".WEBP" => "image/webp",
        ".SVG" => "image/svg+xml",
        ".MP3" => "audio/mpeg",
        ".OGG" => "audio/ogg",
        ".WAV" => "audio/wav",
        ".MP4" => "video/mp4",
        ".WEBM" => "video/webm",
        ".DOCX" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ".XLSX" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".PPTX" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ".ODT" => "application/vnd.oasis.opendocument.text",
        _ => "application/octet-stream",
    };
}
