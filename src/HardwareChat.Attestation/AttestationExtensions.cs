using System.Formats.Asn1;
using System.Numerics;
using HardwareChat.Wire;

namespace HardwareChat.Attestation;

// The maker's arc 1.3.6.1.4.1.41482.3:
//
//   .3   firmware                  3 raw bytes
//   .7   serial number             DER INTEGER
//   .8   PIN and touch policy      2 raw bytes
//   .9   form factor               1 raw byte, the shape in its low bits
//   .10  FIPS certified device     present or not
//   .11  CSPN certified device     present or not

/// <summary>What an attestation says of token and key. What it does not say is null: unknown, and never "fine".</summary>
/// <param name="Firmware">The token's firmware.</param>
/// <param name="Serial">The token's serial number.</param>
/// <param name="PinPolicy">The key's.</param>
/// <param name="TouchPolicy">The key's.</param>
/// <param name="FormFactor">The token's shape.</param>
/// <param name="IsFips">The token is of a FIPS series.</param>
/// <param name="IsCspn">The token is of a CSPN series.</param>
public sealed record AttestationExtensions(
    FirmwareVersion? Firmware,
    uint? Serial,
    PinPolicy? PinPolicy,
    TouchPolicy? TouchPolicy,
    FormFactor? FormFactor,
    bool IsFips,
    bool IsCspn)
{
    private const string Arc = "1.3.6.1.4.1.41482.3.";
    private const string FirmwareOid = Arc + "3";
    private const string SerialOid = Arc + "7";
    private const string PolicyOid = Arc + "8";
    private const string FormFactorOid = Arc + "9";
    private const string FipsOid = Arc + "10";
    private const string CspnOid = Arc + "11";
    private const byte ShapeBits = 0x0F;

    internal static AttestationExtensions None { get; } = new(null, null, null, null, null, false, false);

    /// <summary>Whether anything at all is stated: a plain certificate states nothing.</summary>
    public bool IsEmpty => this == None;

    internal static bool Understands(string oid) => oid is FirmwareOid or SerialOid or PolicyOid or FormFactorOid or FipsOid or CspnOid;

    internal static AttestationExtensions Read(IReadOnlyDictionary<string, CertificateExtension> extensions)
    {
        FirmwareVersion? firmware = null;
        if (extensions.TryGetValue(FirmwareOid, out CertificateExtension firmwareValue))
        {
            firmware = FirmwareVersion.TryRead(firmwareValue.Value.Span, out FirmwareVersion version)
                ? version
                : throw new DecodeException("the firmware extension is not three bytes", 0);
        }

        uint? serial = null;
        if (extensions.TryGetValue(SerialOid, out CertificateExtension serialValue))
        {
            var reader = new AsnReader(serialValue.Value, AsnEncodingRules.DER);
            BigInteger number = reader.ReadInteger();
            reader.ThrowIfNotEmpty();
            serial = number >= 0 && number <= uint.MaxValue
                ? (uint)number
                : throw new DecodeException("the serial number extension is out of range", 0);
        }

        PinPolicy? pin = null;
        TouchPolicy? touch = null;
        if (extensions.TryGetValue(PolicyOid, out CertificateExtension policy))
        {
            if (policy.Value.Length != 2)
                throw new DecodeException("the policy extension is not two bytes", 0);
            pin = (PinPolicy)policy.Value.Span[0];
            touch = (TouchPolicy)policy.Value.Span[1];
            if (pin is HardwareChat.Attestation.PinPolicy.Default || !Enum.IsDefined(pin.Value)
                || touch is HardwareChat.Attestation.TouchPolicy.Default || !Enum.IsDefined(touch.Value))
                throw new DecodeException("the policy extension holds an unknown policy", 0);
        }

        FormFactor? formFactor = null;
        if (extensions.TryGetValue(FormFactorOid, out CertificateExtension shape))
        {
            if (shape.Value.Length != 1)
                throw new DecodeException("the form factor extension is not one byte", 0);
            var form = (FormFactor)(shape.Value.Span[0] & ShapeBits);
            formFactor = Enum.IsDefined(form) ? form : HardwareChat.Attestation.FormFactor.Unknown;
        }

        return new AttestationExtensions(
            firmware, serial, pin, touch, formFactor, extensions.ContainsKey(FipsOid), extensions.ContainsKey(CspnOid));
    }
}
