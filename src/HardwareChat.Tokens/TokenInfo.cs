using HardwareChat.Attestation;

namespace HardwareChat.Tokens;

/// <summary>A token that is plugged in, or a card that takes a token's place and cannot be used.</summary>
/// <param name="Reader">The reader's name; with it the driver that listed the token opens it.</param>
/// <param name="Serial">The maker's serial number; <see langword="null"/> if the card has none to tell.</param>
/// <param name="Firmware">The firmware; <see langword="null"/> for a PIV card that is no YubiKey.</param>
/// <param name="FormFactor">Its shape.</param>
/// <param name="IsFips">Whether it is of the FIPS series; <see langword="null"/> if unknown.</param>
/// <param name="Problem">Why it cannot be used (held by another program, no PIV application), or <see langword="null"/>.</param>
public sealed record TokenInfo(
    string Reader, uint? Serial = null, FirmwareVersion? Firmware = null, FormFactor FormFactor = FormFactor.Unknown, bool? IsFips = null, TokenException? Problem = null);
