using System.Text.Json.Serialization;

namespace Holdfast.Client;

/// <summary>The face protocol's JSON, generated when the project is built: nothing is found by reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = false,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(FaceCommand))]
[JsonSerializable(typeof(FaceAnswer))]
[JsonSerializable(typeof(TokenHostSettings))]
internal sealed partial class FaceJson : JsonSerializerContext;
