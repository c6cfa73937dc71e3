using System.CommandLine;

namespace HardwareChat.Tools;

/// <summary>The options that every verb has.</summary>
internal static class CommonOptions
{
    /// <summary>--json</summary>
    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON object on standard output and nothing else there.",
        Recursive = true,
    };
}
