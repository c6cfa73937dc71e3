using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Simulator;

/// <summary>A firmware that the simulated card can have, and what it can do. The features are those of the YubiKey's firmware.</summary>
public sealed class FirmwareProfile
{
    private static readonly FirmwareVersion WithSerial = new(5, 0, 0);
    private static readonly FirmwareVersion WithMetadata = new(5, 3, 0);
    private static readonly FirmwareVersion WithAesManagementKey = new(5, 4, 2);
    private static readonly FirmwareVersion WithCurve25519 = new(5, 7, 0);

    private FirmwareProfile(string name, FirmwareVersion version, string atr)
    {
        Name = name;
        Version = version;
        Atr = Convert.FromHexString(atr);
    }

    /// <summary>A YubiKey 4: attestation and touch policies, but no metadata and a 3DES management key.</summary>
    public static FirmwareProfile Firmware43 { get; } = new("4.3", new FirmwareVersion(4, 3, 7), "3BF81300008131FE15597562696B657934D4");

    /// <summary>An early YubiKey 5: the PIV application tells its serial number.</summary>
    public static FirmwareProfile Firmware52 { get; } = new("5.2", new FirmwareVersion(5, 2, 7), YubiKey5Atr);

    /// <summary>Metadata, and AES management keys.</summary>
    public static FirmwareProfile Firmware54 { get; } = new("5.4", new FirmwareVersion(5, 4, 3), YubiKey5Atr);

    /// <summary>Ed25519, X25519, moving and deleting keys; the management key is AES-192 from the start.</summary>
    public static FirmwareProfile Firmware57 { get; } = new("5.7", new FirmwareVersion(5, 7, 4), YubiKey5Atr);

    /// <summary>All profiles, oldest first.</summary>
    public static IReadOnlyList<FirmwareProfile> All { get; } = [Firmware43, Firmware52, Firmware54, Firmware57];

    /// <summary>"5.7", the first two numbers of the version.</summary>
    public string Name { get; }

    /// <summary>The version that the card tells.</summary>
    public FirmwareVersion Version { get; }

    /// <summary>The answer to reset: of a YubiKey over USB.</summary>
    public ReadOnlyMemory<byte> Atr { get; }

    /// <summary>The PIV application answers GET SERIAL.</summary>
    public bool HasSerial => Version >= WithSerial;

    /// <summary>GET METADATA.</summary>
    public bool HasMetadata => Version >= WithMetadata;

    /// <summary>AES-128, AES-192 and AES-256 management keys.</summary>
    public bool HasAesManagementKey => Version >= WithAesManagementKey;

    /// <summary>Ed25519 and X25519 keys.</summary>
    public bool HasCurve25519 => Version >= WithCurve25519;

    /// <summary>MOVE KEY and DELETE KEY.</summary>
    public bool HasMoveKey => Version >= WithCurve25519;

    /// <summary>The cipher of the management key of a new card.</summary>
    internal PivAlgorithm DefaultManagementAlgorithm => Version >= WithCurve25519 ? PivAlgorithm.Aes192 : PivAlgorithm.TripleDes;

    private const string YubiKey5Atr = "3BFD1300008131FE158073C021C057597562694B657940";

    /// <summary>The profile of this name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static FirmwareProfile Named(string name) =>
        All.FirstOrDefault(profile => profile.Name == name)
        ?? throw new ArgumentException($"no firmware profile \"{name}\"; there are {string.Join(", ", All.Select(profile => profile.Name))}", nameof(name));

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal bool Supports(PivAlgorithm algorithm) => algorithm switch
    {
        PivAlgorithm.Rsa2048 or PivAlgorithm.EccP256 or PivAlgorithm.EccP384 => true,
        PivAlgorithm.Ed25519 or PivAlgorithm.X25519 => HasCurve25519,
        _ => false,
    };

    internal bool SupportsManagementCipher(PivAlgorithm algorithm) =>
        algorithm == PivAlgorithm.TripleDes || (HasAesManagementKey && ManagementCipher.KeySize(algorithm) != 0);
}
