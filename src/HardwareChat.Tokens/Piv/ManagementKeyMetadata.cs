using HardwareChat.Attestation;

namespace HardwareChat.Tokens.Piv;

/// <summary>What the card says of its management key.</summary>
/// <param name="Algorithm">Its cipher.</param>
/// <param name="TouchPolicy">Whether its use wants a touch.</param>
/// <param name="IsDefault">Whether it is the factory's; <see langword="null"/> where the card does not say (before firmware 5.3).</param>
/// <param name="IsStored">Whether the card keeps the key itself, or the salt to derive it, behind the PIN.</param>
public sealed record ManagementKeyMetadata(PivAlgorithm Algorithm, TouchPolicy TouchPolicy, bool? IsDefault, bool IsStored);
