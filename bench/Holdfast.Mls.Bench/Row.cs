using System.Text.Json.Serialization;

namespace Holdfast.Mls.Bench;

/// <summary>One measured figure.</summary>
internal sealed record Row
{
    [JsonPropertyName("op")]
    public required string Op { get; init; }

    [JsonPropertyName("suite")]
    public required int Suite { get; init; }

    [JsonPropertyName("n")]
    public required int N { get; init; }

    [JsonPropertyName("mode")]
    public required string Mode { get; init; }

    /// <summary>The median; 0 for what is no time.</summary>
    [JsonPropertyName("ms")]
    public required double Ms { get; init; }

    /// <summary>The size of what comes out.</summary>
    [JsonPropertyName("bytes")]
    public required long Bytes { get; init; }

    /// <summary>How many threads it may use.</summary>
    [JsonPropertyName("threads")]
    public int Threads { get; init; } = 1;

    /// <summary>What it allocates on its own thread.</summary>
    [JsonPropertyName("allocated")]
    public long Allocated { get; init; }

    /// <summary>One verification in the same process, in milliseconds.</summary>
    [JsonPropertyName("v_ms")]
    public double VMs { get; init; }

    /// <summary>The time in verifications.</summary>
    [JsonPropertyName("v")]
    public double V { get; init; }

    [JsonPropertyName("floor_v")]
    public double? FloorV { get; init; }

    /// <summary>The time by the floor; one floor, whatever the threads.</summary>
    [JsonPropertyName("ratio")]
    public double? Ratio { get; init; }

    /// <summary>The best peer, in verifications.</summary>
    [JsonPropertyName("peer_v")]
    public double? PeerV { get; init; }

    /// <summary>The bar, in verifications, or in bytes where the figure is bytes.</summary>
    [JsonPropertyName("bar")]
    public double? Bar { get; init; }

    [JsonPropertyName("verdict")]
    public string? Verdict { get; init; }
}

[JsonSerializable(typeof(Row))]
internal sealed partial class RowJson : JsonSerializerContext;
