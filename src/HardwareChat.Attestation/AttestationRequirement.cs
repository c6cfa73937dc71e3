namespace HardwareChat.Attestation;

/// <summary>What an attestation has to show, beyond that it is genuine. A null property is not required.</summary>
public sealed record AttestationRequirement
{
    /// <summary>Nothing but a genuine chain.</summary>
    public static AttestationRequirement None { get; } = new();

    /// <summary>The SubjectPublicKeyInfo, DER, of the key in question.</summary>
    public ReadOnlyMemory<byte>? SubjectPublicKeyInfo { get; init; }

    /// <summary>The slot, such as 0x9A.</summary>
    public byte? Slot { get; init; }

    /// <summary>The serial number that the token states otherwise.</summary>
    public uint? Serial { get; init; }

    /// <summary>The oldest firmware that is allowed.</summary>
    public FirmwareVersion? MinimumFirmware { get; init; }

    /// <summary>The PIN policies that are allowed.</summary>
    public IReadOnlySet<PinPolicy>? PinPolicies { get; init; }

    /// <summary>The touch policies that are allowed.</summary>
    public IReadOnlySet<TouchPolicy>? TouchPolicies { get; init; }
}
