namespace HardwareChat.Attestation;

/// <summary>The shape of a YubiKey: the low bits of the form factor byte in its device info and attestations.</summary>
public enum FormFactor
{
    /// <summary>Not stated, or a shape that came after this list.</summary>
    Unknown = 0,

    /// <summary>USB-A, keychain size.</summary>
    UsbAKeychain = 1,

    /// <summary>USB-A, nano.</summary>
    UsbANano = 2,

    /// <summary>USB-C, keychain size.</summary>
    UsbCKeychain = 3,

    /// <summary>USB-C, nano.</summary>
    UsbCNano = 4,

    /// <summary>USB-C and Lightning.</summary>
    UsbCLightning = 5,

    /// <summary>USB-A with a fingerprint reader.</summary>
    UsbABiometric = 6,

    /// <summary>USB-C with a fingerprint reader.</summary>
    UsbCBiometric = 7,
}
