namespace HardwareChat.Attestation;

/// <summary>Roots whose owner we know, by SHA-256 of the certificate: so that a person reads a name that the certificate did not choose itself.</summary>
public static class KnownRoot
{
    private static readonly (byte[] Fingerprint, string Name)[] Roots =
    [
        (Convert.FromHexString("63ECE914E54DD87915F34033C85AF4C0696BA1512F8ADD66CED738331207B546"), "Yubico PIV Root CA Serial 263751 (firmware before 5.7.4)"),
        (Convert.FromHexString("62760C6A6EF91679F454C8902B80FD009825B3F25DA90F1FBACE2EC6586CD5A8"), "Yubico Attestation Root 1 (firmware 5.7.4 and later)"),
    ];

    /// <summary>The name of the root, or null: a root that we do not know, whatever it calls itself.</summary>
    /// <param name="fingerprint">SHA-256 of the certificate, 32 bytes.</param>
    public static string? TryName(ReadOnlySpan<byte> fingerprint)
    {
        foreach ((byte[] known, string name) in Roots)
        {
            if (fingerprint.SequenceEqual(known))
                return name;
        }

        return null;
    }
}
