using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tools;

/// <summary>A key that is to be made: 9A signs touches, 9C admins' statements, 9D unwraps the vault.</summary>
internal sealed record NewKey(PivSlot Slot, PivAlgorithm Algorithm, PinPolicy Pin, TouchPolicy Touch)
{
    private static readonly FirmwareVersion WithCurve25519 = new(5, 7, 0);

    /// <summary>Refuses what the firmware does not have, before anything on the token is changed.</summary>
    /// <exception cref="FirmwareTooOldException">The firmware is older than the algorithm.</exception>
    public void ThrowIfTooNewFor(FirmwareVersion? firmware)
    {
        if (Algorithm is PivAlgorithm.Ed25519 or PivAlgorithm.X25519 && (firmware is null || firmware < WithCurve25519))
            throw new FirmwareTooOldException($"A key of {Algorithm}", WithCurve25519, firmware);
    }

    /// <summary>The key as the slot's use wants it, or as the person chose.</summary>
    public static NewKey For(PivSlot slot, string algorithm, string? pin, string? touch)
    {
        bool signs = slot == PivSlot.Authentication || slot == PivSlot.Signature;
        PinPolicy pinPolicy = pin is null ? (slot == PivSlot.Signature ? PinPolicy.Always : PinPolicy.Once) : Enum.Parse<PinPolicy>(pin, ignoreCase: true);
        TouchPolicy touchPolicy = touch is null ? (signs ? TouchPolicy.Always : TouchPolicy.Never) : Enum.Parse<TouchPolicy>(touch, ignoreCase: true);
        return new NewKey(slot, KeyAlgorithm.For(algorithm, slot), pinPolicy, touchPolicy);
    }
}
