using HardwareChat.Attestation;

namespace HardwareChat.Tokens.Piv;

/// <summary>What the card says of the key in a slot (YubiKey GET METADATA, firmware 5.3 and later).</summary>
/// <param name="Algorithm">The key's algorithm.</param>
/// <param name="PinPolicy">Fixed when the key was made.</param>
/// <param name="TouchPolicy">Fixed when the key was made.</param>
/// <param name="IsGenerated">Whether the key was born in the card; only such a key can be attested.</param>
/// <param name="PublicKey">The key.</param>
public sealed record SlotMetadata(PivAlgorithm Algorithm, PinPolicy PinPolicy, TouchPolicy TouchPolicy, bool IsGenerated, PivPublicKey PublicKey);
