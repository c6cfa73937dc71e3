using System.Buffers.Binary;
using HardwareChat.Tokens.Piv;
using Yubico.Core.Devices.SmartCard;
using Yubico.YubiKey;
using Yubico.YubiKey.Management.Commands;
using Yubico.YubiKey.Piv.Commands;
using FirmwareVersion = HardwareChat.Attestation.FirmwareVersion;
using FormFactor = HardwareChat.Attestation.FormFactor;
using SdkFirmware = Yubico.YubiKey.FirmwareVersion;
using SdkShape = Yubico.YubiKey.FormFactor;

namespace HardwareChat.Tokens.Yubico;

/// <summary>A YubiKey in a reader, as the SDK sees it.</summary>
/// <remarks>
/// The SDK's own search (FindAll) starts threads that open each YubiKey in each reader, wait without end for one that another program has, and
/// tell of it only in a log. So the SDK lists the readers here, and each token is asked by itself.
/// </remarks>
internal sealed record YubicoDevice(IYubiKeyDevice Device, TokenInfo Info)
{
    private const int SerialObject = 0x02;
    private const int FormFactorObject = 0x04;
    private const byte FipsBit = 0x80;
    private const byte ShapeBits = 0x0F;

    /// <summary>The readers that hold a YubiKey now.</summary>
    /// <exception cref="CardChannelException">There is no smart card service, or no right to use it.</exception>
    public static IReadOnlyList<ISmartCardDevice> Find()
        => SdkFault.Translate<IReadOnlyList<ISmartCardDevice>>(
            "", () => [.. SmartCardDevice.GetSmartCardDevices().Where(reader => reader.Atr is { } atr && ProductAtrs.AllYubiKeys.Contains(atr))]);

    /// <summary>Asks the token what it is. Whatever was selected or verified on it is lost.</summary>
    /// <param name="reader">Where it is.</param>
    /// <param name="question">Whether shape and series are wanted, too.</param>
    public static YubicoDevice Identify(ISmartCardDevice reader, DeviceQuestion question)
    {
        var known = new YubiKeyDeviceInfo { AvailableUsbCapabilities = YubiKeyCapabilities.Piv, EnabledUsbCapabilities = YubiKeyCapabilities.Piv };
        known.AvailableNfcCapabilities = known.EnabledNfcCapabilities = YubiKeyCapabilities.Piv;
        var device = new YubiKeyDevice(reader, known);
        using (IYubiKeyConnection piv = device.Connect(YubiKeyApplication.Piv))
        {
            SdkFirmware version = SdkFault.Read("its version", SdkFault.Send(piv, new VersionCommand()).GetData);
            known.FirmwareVersion = version;
            GetSerialNumberResponse serial = SdkFault.Send(piv, new GetSerialNumberCommand());
            if (serial.Status == ResponseStatus.Success)
                known.SerialNumber = SdkFault.Read("its serial number", serial.GetData);
        }

        bool? isFips = null;
        if (question == DeviceQuestion.Ask || known.SerialNumber is null)
            isFips = AskManagement(device, known);
        var firmware = new FirmwareVersion(known.FirmwareVersion.Major, known.FirmwareVersion.Minor, known.FirmwareVersion.Patch);
        var shape = (FormFactor)known.FormFactor;
        var info = new TokenInfo(
            reader.Path,
            known.SerialNumber is { } number ? unchecked((uint)number) : null,
            firmware,
            Enum.IsDefined(shape) ? shape : FormFactor.Unknown,
            isFips);
        return new YubicoDevice(device, info);
    }

    // A YubiKey without the management application, or of a time before it told of itself there, is none the worse for PIV.
    private static bool? AskManagement(YubiKeyDevice device, YubiKeyDeviceInfo known)
    {
        if (!device.TryConnect(YubiKeyApplication.Management, out IYubiKeyConnection? management))
            return null;
        using (management)
        {
            GetPagedDeviceInfoResponse response = SdkFault.Send(management, new GetPagedDeviceInfoCommand());
            if (response.Status != ResponseStatus.Success)
                return null;
            Dictionary<int, ReadOnlyMemory<byte>> page = SdkFault.Read("device information", response.GetData);
            if (page.TryGetValue(SerialObject, out ReadOnlyMemory<byte> serial) && serial.Length == sizeof(int))
                known.SerialNumber ??= BinaryPrimitives.ReadInt32BigEndian(serial.Span);
            if (!page.TryGetValue(FormFactorObject, out ReadOnlyMemory<byte> shape) || shape.Length != 1)
                return null;
            known.FormFactor = (SdkShape)(shape.Span[0] & ShapeBits);
            return (shape.Span[0] & FipsBit) != 0;
        }
    }
}
