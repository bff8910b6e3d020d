using Holdfast.Mls.Vectors;

namespace Holdfast.Mls.Interop;

/// <summary><c>vectors FILE…</c>: verifies files of test vectors, whichever of the formats they are in.</summary>
internal static class VectorsCommand
{
    /// <summary>
    /// One line per file to <paramref name="output"/>, one per failed or skipped case to
    /// <paramref name="errors"/>; 1 if anything failed.
    /// </summary>
    internal static int Run(IReadOnlyList<string> files, TextWriter output, TextWriter errors)
    {
        if (files.FirstOrDefault(file => !File.Exists(file)) is { } missing) return Usage.Explain(errors, $"there is no file {missing}");
        int failed = 0;
        foreach (string file in files) failed += Verify(file, output, errors);
        return failed == 0 ? 0 : 1;
    }

    private static int Verify(string path, TextWriter output, TextWriter errors)
    {
        var outcomes = new List<VectorOutcome>();
        try
        {
            outcomes.AddRange(Outcomes(VectorFile.Parse(File.ReadAllBytes(path))));
        }
        catch (Exception unread) when (unread is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"{path}: {unread.Message}");
            output.WriteLine($"{path}: 0 passed, 1 failed, 0 skipped");
            return 1;
        }
        for (int index = 0; index < outcomes.Count; index++)
        {
            if (outcomes[index].Why is { } why) errors.WriteLine($"{path}: case {index}: {outcomes[index].Verdict}: {why}");
        }
        int passed = Count(VectorVerdict.Passed), failed = Count(VectorVerdict.Failed), skipped = Count(VectorVerdict.Skipped);
        output.WriteLine($"{path}: {passed} passed, {failed} failed, {skipped} skipped");
        return failed;

        int Count(VectorVerdict verdict) => outcomes.Count(outcome => outcome.Verdict == verdict);
    }

    private static VectorOutcome[] Outcomes(VectorFile file)
    {
        var outcomes = new VectorOutcome[file.Count];
        Parallel.For(0, file.Count, index => outcomes[index] = Outcome(file, index));
        return outcomes;
    }

    private static VectorOutcome Outcome(VectorFile file, int index)
    {
        var outcome = file.Verify(index);
        return outcome.Verdict == VectorVerdict.Passed ? file.VerifyOurs(index) : outcome;
    }
}
