using System.Globalization;

namespace HardwareChat.Tokens.Piv;

/// <summary>A place for a key on the card (SP 800-73-4 Part 1 §5.1, table 4b); its value is the key reference.</summary>
public readonly record struct PivSlot
{
    /// <summary>9A, PIV authentication: signs touches.</summary>
    public static readonly PivSlot Authentication = new(0x9A);

    /// <summary>9C, digital signature: signs admins' statements.</summary>
    public static readonly PivSlot Signature = new(0x9C);

    /// <summary>9D, key management: unwraps the vault.</summary>
    public static readonly PivSlot KeyManagement = new(0x9D);

    /// <summary>9E, card authentication.</summary>
    public static readonly PivSlot CardAuthentication = new(0x9E);

    /// <summary>F9, attestation (YubiKey): its key signs the certificates of the other slots' keys.</summary>
    public static readonly PivSlot Attestation = new(0xF9);

    /// <summary>9B, the management key: no slot for a key pair, and not in <see cref="All"/>; named where its use wants a touch.</summary>
    public static readonly PivSlot Management = new(0x9B);

    private const int FirstRetiredId = 0x82;
    private const int LastRetiredId = 0x95;

    private PivSlot(byte id) => Id = id;

    /// <summary>The key reference: the P2 of commands that use the key.</summary>
    public byte Id { get; }

    /// <summary>Whether this is one of the slots 82 to 95 for retired key management keys.</summary>
    public bool IsRetired => Id is >= FirstRetiredId and <= LastRetiredId;

    /// <summary>All slots, in the order of this list: 9A, 9C, 9D, 9E, 82-95, F9.</summary>
    public static IReadOnlyList<PivSlot> All { get; } =
    [
        Authentication, Signature, KeyManagement, CardAuthentication,
        .. Enumerable.Range(FirstRetiredId, LastRetiredId - FirstRetiredId + 1).Select(id => new PivSlot((byte)id)),
        Attestation,
    ];

    /// <summary>The tag of the object that holds the slot's certificate (SP 800-73-4 Part 1 §4.3, table 3).</summary>
    /// <exception cref="InvalidOperationException">This is <see cref="Management"/>, which has none.</exception>
    public int CertificateObject => Id switch
    {
        0x9A => 0x5FC105,
        0x9C => 0x5FC10A,
        0x9D => 0x5FC10B,
        0x9E => 0x5FC101,
        0xF9 => 0x5FFF01,
        0x9B => throw new InvalidOperationException("The management key has no certificate."),
        _ => 0x5FC10D + (Id - FirstRetiredId),
    };

    /// <summary>Retired key management slot <paramref name="number"/>, 1 to 20 (82 to 95).</summary>
    public static PivSlot Retired(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, LastRetiredId - FirstRetiredId + 1);
        return new PivSlot((byte)(FirstRetiredId + number - 1));
    }

    /// <summary>The slot with the key reference <paramref name="id"/>; false if PIV has none such.</summary>
    public static bool TryFromId(byte id, out PivSlot slot)
    {
        slot = new PivSlot(id);
        bool known = All.Contains(slot);
        if (!known)
            slot = default;
        return known;
    }

    /// <summary>Reads "9a", "9A", "82".</summary>
    public static bool TryParse(string? text, out PivSlot slot)
    {
        slot = default;
        return byte.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte id) && TryFromId(id, out slot);
    }

    /// <summary>Two hexadecimal digits, such as "9A".</summary>
    public override string ToString() => Id.ToString("X2", CultureInfo.InvariantCulture);
}
