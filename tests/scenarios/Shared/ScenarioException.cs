namespace Holdfast.Scenarios;

/// <summary>The product did not keep its word, or the scenario cannot be played.</summary>
internal sealed class ScenarioException(string message) : Exception(message);
