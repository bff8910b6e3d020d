namespace Holdfast.Tests.Tokens;

/// <summary>C sources beside the tests, compiled when they are first wanted: a module that lies, and a program that attacks.</summary>
internal static class NativeCode
{
    private static string Sources { get; } = Path.Combine(AppContext.BaseDirectory, "Native");

    /// <summary>The module that passes everything on to SoftHSM but what the definitions say.</summary>
    internal static string Evil(string folder, string lie, params string[] definitions)
    {
        string module = Path.Combine(folder, lie.ToLowerInvariant() + ".so");
        string[] nth = definitions.Any(definition => definition.StartsWith("NTH=", StringComparison.Ordinal)) ? [] : ["-DNTH=0"];
        Programs.Run("cc",
        [
            "-shared", "-fPIC", "-O1", "-w", $"-DHONEST=\"{SoftHsm.Module}\"", $"-D{lie}", .. nth, .. definitions.Select(definition => "-D" + definition),
            "-o", module, Path.Combine(Sources, "evil.c"), "-ldl",
        ]);
        return module;
    }

    /// <summary>The program that tries to get keys out.</summary>
    internal static string Tookan(string folder)
    {
        string program = Path.Combine(folder, "tookan");
        Programs.Run("cc", ["-O1", "-w", "-o", program, Path.Combine(Sources, "tookan.c"), "-ldl"]);
        return program;
    }
}
