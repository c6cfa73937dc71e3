using System.Buffers.Binary;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Piv;

/// <summary>Whether opening a card asks its management application, too: that makes the card forget a PIN that was given to PIV.</summary>
public enum DeviceQuestion
{
    /// <summary>Ask: shape and series are wanted.</summary>
    Ask,

    /// <summary>Ask only if PIV does not tell the serial number (before firmware 5).</summary>
    AskForSerialOnly,
}

/// <summary>What a YubiKey's management application says of the whole device; all unknown for another card.</summary>
/// <param name="Serial">The serial number.</param>
/// <param name="FormFactor">The shape.</param>
/// <param name="IsFips">Whether it is of the FIPS series.</param>
public sealed record DeviceInfo(uint? Serial, FormFactor FormFactor, bool? IsFips)
{
    private const byte ReadConfiguration = 0x1D;
    private const byte FipsBit = 0x80;
    private const byte ShapeBits = 0x0F;
    private static readonly byte[] ManagementApplication = [0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17];

    /// <summary>Nothing is known.</summary>
    public static DeviceInfo Unknown { get; } = new(null, FormFactor.Unknown, null);

    /// <summary>Asks the management application, which is selected then: PIV must be selected after it, and has forgotten the PIN.</summary>
    internal static DeviceInfo Read(ApduExchange exchange)
    {
        if (!exchange.Send(PivInstructions.Select, 0x04, 0x00, ManagementApplication).Status.IsSuccess)
            return Unknown;
        ResponseApdu response = exchange.Send(ReadConfiguration, 0, 0);
        return response.Status.IsSuccess ? Parse(response.Data) : Unknown;
    }

    /// <summary>Reads the first page: a length byte, then objects 02 (serial) and 04 (form factor) among others.</summary>
    /// <exception cref="MalformedAnswerException">The lengths do not fit.</exception>
    internal static DeviceInfo Parse(ReadOnlySpan<byte> page)
    {
        if (page.IsEmpty || page[0] != page.Length - 1)
            throw new MalformedAnswerException("device information of another length than stated");
        DeviceInfo info = Unknown;
        try
        {
            var reader = new BerTlvReader(page[1..], 1);
            while (!reader.IsEmpty)
            {
                ReadOnlySpan<byte> value = reader.Read(out int tag);
                if (tag == 0x02 && value.Length == sizeof(uint))
                {
                    info = info with { Serial = BinaryPrimitives.ReadUInt32BigEndian(value) };
                }
                else if (tag == 0x04 && value.Length == 1)
                {
                    var shape = (FormFactor)(value[0] & ShapeBits);
                    info = info with { FormFactor = Enum.IsDefined(shape) ? shape : FormFactor.Unknown, IsFips = (value[0] & FipsBit) != 0 };
                }
            }
        }
        catch (DecodeException error)
        {
            throw new MalformedAnswerException("device information", error);
        }

        return info;
    }
}
