namespace HardwareChat.Tokens.Simulator;

/// <summary>What the file of a simulated card tells without its pass phrase.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Profile">Its firmware.</param>
/// <param name="Serial">Its serial number.</param>
/// <param name="IsSealed">Whether a pass phrase seals it; if not, file permissions alone guard its keys.</param>
public sealed record SimulatedCardDescription(string Name, FirmwareProfile Profile, uint Serial, bool IsSealed);
