using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// enum { reserved(0), never(1), once(2), always(3), (255) } PinRequirement;
// enum { reserved(0), never(1), cached(2), always(3), (255) } TouchRequirement;
// enum { reserved(0), all(1), vouched(2), (255) } EvidenceRule;
// enum { reserved(0), admins(1), members(2), (255) } Who;
//
// struct {
//   uint64           version;
//   Certificate      attestation_roots<V>;      opaque Certificate<V>, X.509 in DER
//   uint8            minimum_firmware[3];
//   PinRequirement   pin;  TouchRequirement touch;
//   EvidenceRule     evidence;
//   uint64           session_lifetime, room_entry, key_package_lifetime;   seconds
//   uint8            threshold;
//   Who              inviters, room_openers;
// } RegistryPolicy;

/// <summary>The least that a token's PIN policy must ask for.</summary>
public enum PinRequirement : byte
{
    /// <summary>No PIN.</summary>
    Never = 1,

    /// <summary>Once a session of the card.</summary>
    Once = 2,

    /// <summary>For every use of the key.</summary>
    Always = 3,
}

/// <summary>The least that a token's touch policy must ask for.</summary>
public enum TouchRequirement : byte
{
    /// <summary>No touch.</summary>
    Never = 1,

    /// <summary>A touch, remembered for fifteen seconds.</summary>
    Cached = 2,

    /// <summary>A touch for every use of the key.</summary>
    Always = 3,
}

/// <summary>Who checks the evidence of an enrolment.</summary>
public enum EvidenceRule : byte
{
    /// <summary>Every client.</summary>
    All = 1,

    /// <summary>An admin, who signs the enrolment with 9C; members see no serial numbers.</summary>
    Vouched = 2,
}

/// <summary>Who may do a thing.</summary>
public enum Who : byte
{
    /// <summary>Admins.</summary>
    Admins = 1,

    /// <summary>Every member, but no bot.</summary>
    Members = 2,
}

/// <summary>The version of a token's firmware.</summary>
public readonly record struct FirmwareVersion(byte Major, byte Minor, byte Patch) : IComparable<FirmwareVersion>
{
    /// <inheritdoc/>
    public int CompareTo(FirmwareVersion other) => Number.CompareTo(other.Number);

    /// <summary>Whether the left version is older.</summary>
    public static bool operator <(FirmwareVersion left, FirmwareVersion right) => left.Number < right.Number;

    /// <summary>Whether the left version is newer.</summary>
    public static bool operator >(FirmwareVersion left, FirmwareVersion right) => left.Number > right.Number;

    /// <summary>Whether the left version is older or the same.</summary>
    public static bool operator <=(FirmwareVersion left, FirmwareVersion right) => left.Number <= right.Number;

    /// <summary>Whether the left version is newer or the same.</summary>
    public static bool operator >=(FirmwareVersion left, FirmwareVersion right) => left.Number >= right.Number;

    /// <summary>major.minor.patch.</summary>
    public override string ToString() => $"{Major}.{Minor}.{Patch}";

    private int Number => (Major << 16) | (Minor << 8) | Patch;
}

/// <summary>What a community asks of tokens, touches and signers. A policy judges what comes after it.</summary>
public sealed class RegistryPolicy : ITlsSerializable
{
    /// <summary>0 in genesis; each later policy has the next number.</summary>
    public required ulong Version { get; init; }

    /// <summary>The attestation roots that are trusted: X.509 certificates in DER.</summary>
    public required IReadOnlyList<byte[]> AttestationRoots { get; init; }

    /// <summary>The oldest firmware that may be enrolled; 5.7.0 unless lowered (before it, ECDSA keys can be read out in a laboratory).</summary>
    public FirmwareVersion MinimumFirmware { get; init; } = new(5, 7, 0);

    /// <summary>The PIN policy that 9A must have at least.</summary>
    public PinRequirement Pin { get; init; } = PinRequirement.Once;

    /// <summary>The touch policy that 9A must have at least.</summary>
    public TouchRequirement Touch { get; init; } = TouchRequirement.Always;

    /// <summary>Who checks evidence.</summary>
    public EvidenceRule Evidence { get; init; } = EvidenceRule.All;

    /// <summary>Seconds for which a touch may act: 12 h.</summary>
    public ulong SessionLifetime { get; init; } = 12 * 3600;

    /// <summary>Seconds after a touch in which it may open a room: 10 min.</summary>
    public ulong RoomEntry { get; init; } = 600;

    /// <summary>Seconds after a touch in which its key packages may be used: 14 days.</summary>
    public ulong KeyPackageLifetime { get; init; } = 14 * 24 * 3600;

    /// <summary>Admins who must sign a role, policy or relay statement.</summary>
    public byte Threshold { get; init; } = 1;

    /// <summary>Who may invite.</summary>
    public Who Inviters { get; init; } = Who.Admins;

    /// <summary>Who may open rooms.</summary>
    public Who RoomOpeners { get; init; } = Who.Members;

    /// <summary>Reads a policy; values outside of the protocol's ceilings are malformed.</summary>
    public static RegistryPolicy Read(ref TlsReader reader)
    {
        ulong version = reader.ReadUInt64();
        TlsReader certificates = reader.ReadVector(ProtocolLimits.AttestationRoots * (ProtocolLimits.CertificateBytes + 4));
        var roots = new List<byte[]>();
        while (!certificates.IsEmpty)
        {
            roots.Add(certificates.ReadOpaque(ProtocolLimits.CertificateBytes).ToArray());
            if (roots.Count > ProtocolLimits.AttestationRoots)
                throw certificates.Malformed("too many attestation roots");
        }
        var policy = new RegistryPolicy
        {
            Version = version,
            AttestationRoots = roots,
            MinimumFirmware = new FirmwareVersion(reader.ReadUInt8(), reader.ReadUInt8(), reader.ReadUInt8()),
            Pin = (PinRequirement)reader.ReadUInt8(),
            Touch = (TouchRequirement)reader.ReadUInt8(),
            Evidence = (EvidenceRule)reader.ReadUInt8(),
            SessionLifetime = reader.ReadUInt64(),
            RoomEntry = reader.ReadUInt64(),
            KeyPackageLifetime = reader.ReadUInt64(),
            Threshold = reader.ReadUInt8(),
            Inviters = (Who)reader.ReadUInt8(),
            RoomOpeners = (Who)reader.ReadUInt8(),
        };
        if (policy.Fault is { } fault)
            throw reader.Malformed(fault);
        return policy;
    }

    /// <summary>What is out of range in this policy, in words; null if nothing is.</summary>
    public string? Fault => this switch
    {
        _ when !Enum.IsDefined(Pin) || !Enum.IsDefined(Touch) || !Enum.IsDefined(Evidence) || !Enum.IsDefined(Inviters) || !Enum.IsDefined(RoomOpeners)
            => "no such value of a policy's choice",
        { SessionLifetime: 0 or > ProtocolLimits.SessionLifetimeCeiling } => "session_lifetime is out of range",
        { RoomEntry: 0 or > ProtocolLimits.RoomEntryCeiling } => "room_entry is out of range",
        { KeyPackageLifetime: 0 or > ProtocolLimits.KeyPackageLifetimeCeiling } => "key_package_lifetime is out of range",
        { Threshold: 0 } => "threshold is zero",
        { AttestationRoots.Count: > ProtocolLimits.AttestationRoots } => "too many attestation roots",
        _ => null,
    };

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt64(Version);
        writer.WriteVector(AttestationRoots, static (ref writer, roots) =>
        {
            foreach (byte[] root in roots)
                writer.WriteOpaque(root);
        });
        writer.WriteUInt8(MinimumFirmware.Major);
        writer.WriteUInt8(MinimumFirmware.Minor);
        writer.WriteUInt8(MinimumFirmware.Patch);
        writer.WriteUInt8((byte)Pin);
        writer.WriteUInt8((byte)Touch);
        writer.WriteUInt8((byte)Evidence);
        writer.WriteUInt64(SessionLifetime);
        writer.WriteUInt64(RoomEntry);
        writer.WriteUInt64(KeyPackageLifetime);
        writer.WriteUInt8(Threshold);
        writer.WriteUInt8((byte)Inviters);
        writer.WriteUInt8((byte)RoomOpeners);
    }
}
