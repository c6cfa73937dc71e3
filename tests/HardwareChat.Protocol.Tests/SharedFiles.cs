using System.Runtime.CompilerServices;

namespace HardwareChat.Protocol.Tests;

/// <summary>Where files outside of the build are.</summary>
internal static class SharedFiles
{
    /// <summary>The repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Test data that is not part of the repository: HARDWARECHAT_SHARED, or the folder "shared" beside the repository.</summary>
    public static string Directory
        => Environment.GetEnvironmentVariable("HARDWARECHAT_SHARED") is { Length: > 0 } shared ? shared : Path.Combine(Repository, "..", "shared");

    private static string FindRepository([CallerFilePath] string thisFile = "")
    {
        string directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "HardwareChat.sln")))
        {
            directory = Path.GetDirectoryName(directory)
                ?? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile) ?? throw new InvalidOperationException("no repository"), "..", ".."));
        }
        return directory;
    }
}
