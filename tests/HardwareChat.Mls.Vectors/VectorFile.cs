using System.Text.Json;

namespace HardwareChat.Mls.Vectors;

/// <summary>What became of the cases of one file.</summary>
/// <param name="Total">Cases in the file.</param>
/// <param name="Passed">Cases that held.</param>
/// <param name="Failures">A line for each case that did not.</param>
/// <param name="Skips">A line for each case of a suite that the library does not have, or of a kind that this runner does not know.</param>
public sealed record VectorFile(int Total, int Passed, IReadOnlyList<string> Failures, IReadOnlyList<string> Skips)
{
    /// <summary>Runs every case. The kind of a case is told by its members, so that the file's name does not matter.</summary>
    public static VectorFile Run(string path)
    {
        var failures = new List<string>();
        var skips = new List<string>();
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException exception)
        {
            return new VectorFile(1, 0, [$"the file is no JSON: {exception.Message}"], skips);
        }

        using (document)
        {
            JsonElement[] cases = document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : [document.RootElement];
            int passed = 0;
            for (int i = 0; i < cases.Length; i++)
            {
                if (VectorKind.Of(cases[i]) is not VectorKind kind)
                {
                    skips.Add($"case {i}: no kind of vector has these members");
                    continue;
                }

                if (cases[i].MissingSuite() is CipherSuiteId missing)
                {
                    skips.Add($"case {i} ({kind.Name}): {missing}");
                    continue;
                }

                try
                {
                    kind.Run(cases[i]);
                    passed++;
                }
                catch (Exception exception)
                {
                    // Whatever a case ends in but its own end is a failure, and every other case still runs.
                    failures.Add($"case {i} ({kind.Name}): {exception.GetType().Name}: {exception.Message} {Origin(exception)}");
                }
            }

            return new VectorFile(cases.Length, passed, failures, skips);
        }
    }

    private static string Origin(Exception exception)
        => exception is VectorException ? "" : $"[{exception.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}]";
}
