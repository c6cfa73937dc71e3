using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tools;

/// <summary>A simulated token, as the verbs of "simulate" print it.</summary>
/// <param name="Token">The name that --token takes.</param>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Serial">Its serial number.</param>
/// <param name="Firmware">Its firmware version.</param>
/// <param name="IsSealed">Whether a pass phrase seals its file.</param>
/// <param name="Problem">Why its file cannot be read, and the rest is unknown; null if it can.</param>
internal sealed record SimulatedTokenReport(string Token, string Name, uint? Serial, string? Firmware, bool? IsSealed, string? Problem = null)
{
    public static SimulatedTokenReport Of(SimulatedCardDescription card)
        => new("sim:" + card.Name, card.Name, card.Serial, card.Profile.Version.ToString(), card.IsSealed);
}

/// <summary>All of them, and where they are.</summary>
internal sealed record SimulatedTokenList(string Folder, IReadOnlyList<SimulatedTokenReport> Tokens);

/// <summary>One of them, and the root that its attestations end in.</summary>
internal sealed record SimulatedTokenDetail(SimulatedTokenReport Token, string Folder, string RootName, string RootSha256, string? RootsFile);

/// <summary>What became of a touch.</summary>
internal sealed record TouchReport(string Token, bool Touched);
