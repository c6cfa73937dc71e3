using System.Buffers.Binary;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Piv;

/// <summary>The PIV application of one card (SP 800-73-4 Part 2; YubiKey's extensions where the firmware has them).</summary>
/// <remarks>
/// <para>Blocking, and for one thread. Public operations hold a transaction of their own, so no other program slips between the
/// commands of one; <see cref="BeginTransaction"/> holds one over several. At its start the application is selected anew if a reset or another
/// program took it away, and the PIN is then known to be forgotten.</para>
/// <para>References: SP 800-73-4 Part 1 (objects, key references) and Part 2 (commands); Yubico's technical manual for F6 to FF.</para>
/// </remarks>
public sealed partial class PivCard : IDisposable
{
    private static readonly byte[] ApplicationId = [0xA0, 0x00, 0x00, 0x03, 0x08];

    private readonly ICardChannel _channel;
    private readonly ApduExchange _exchange;
    private int _depth;

    // Given in this session; and given in this transaction, with no use of a key since.
    private bool _pinGiven;
    private bool _pinFresh;

    private PivCard(ICardChannel channel)
    {
        _channel = channel;
        _exchange = new ApduExchange(channel);
    }

    /// <summary>The firmware; <see langword="null"/> for a PIV card that is no YubiKey.</summary>
    public FirmwareVersion? Firmware { get; private set; }

    /// <summary>The serial number; <see langword="null"/> if the card has none to tell.</summary>
    public uint? Serial { get; private set; }

    /// <summary>What the management application says; unknown if it was not asked, or is not there.</summary>
    public DeviceInfo Device { get; private set; } = DeviceInfo.Unknown;

    /// <summary>Selects PIV on the card and reads version and serial. Takes ownership of the channel, also when it fails.</summary>
    /// <exception cref="PivNotFoundException">The card has no PIV application.</exception>
    /// <exception cref="CardChannelException">The card cannot be reached.</exception>
    public static PivCard OpenOwned(ICardChannel channel, DeviceQuestion question = DeviceQuestion.Ask)
    {
        ArgumentNullException.ThrowIfNull(channel);
        var card = new PivCard(channel);
        try
        {
            using (card.BeginTransaction())
                card.Identify(question);
            return card;
        }
        catch
        {
            card.Dispose();
            throw;
        }
    }

    /// <summary>Keeps other programs from the card until disposed. May be nested; the outermost counts.</summary>
    /// <exception cref="CardChannelException">The card is gone or busy.</exception>
    public IDisposable BeginTransaction()
    {
        if (_depth > 0)
            return new Transaction(this, null);
        IDisposable held = Hold();
        try
        {
            EnsureSelected();
            return new Transaction(this, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Clears the buffers and ends the conversation.</summary>
    public void Dispose()
    {
        _exchange.Dispose();
        _channel.Dispose();
    }

    private IDisposable Hold()
    {
        try
        {
            return _channel.BeginTransaction();
        }
        catch (CardChannelException error) when (error.Fault == CardFault.Reset)
        {
            // Another program reset the card: take it up again, once.
            _channel.Reconnect();
            return _channel.BeginTransaction();
        }
    }

    // The empty VERIFY is answered 9000, 63 Cn or 6983 by PIV alone: anything else means that another application is selected.
    private void EnsureSelected()
    {
        try
        {
            StatusWord status = _exchange.Send(PivInstructions.Verify, 0, PivInstructions.PinReference, expectsData: false).Status;
            if (status.IsSuccess || status.RetriesLeft is not null)
                return;
        }
        catch (CardChannelException error) when (error.Fault == CardFault.Reset)
        {
            _channel.Reconnect();
        }

        SelectPiv();
    }

    private void SelectPiv()
    {
        ResponseApdu selected = _exchange.Send(PivInstructions.Select, 0x04, 0x00, ApplicationId);
        if (!selected.Status.IsSuccess)
        {
            throw new PivNotFoundException(
                "The card has no PIV application.", "Use a YubiKey with PIV enabled (ykman config usb --enable PIV), or another PIV card.", selected.Status);
        }
    }

    private void Identify(DeviceQuestion question)
    {
        ResponseApdu version = _exchange.Send(PivInstructions.GetVersion, 0, 0);
        Firmware = version.Status.IsSuccess && FirmwareVersion.TryRead(version.Data, out FirmwareVersion firmware) ? firmware : null;
        if (Firmware is not null)
        {
            ResponseApdu serial = _exchange.Send(PivInstructions.GetSerial, 0, 0);
            if (serial.Status.IsSuccess && serial.Data.Length == sizeof(uint))
                Serial = BinaryPrimitives.ReadUInt32BigEndian(serial.Data);
        }

        if (Firmware is not null && (question == DeviceQuestion.Ask || Serial is null))
        {
            Device = DeviceInfo.Read(_exchange);
            Serial ??= Device.Serial;
            SelectPiv();
        }
    }

    private bool Has(byte major, byte minor) => Firmware is { } firmware && firmware.IsAtLeast(major, minor);

    private void Require(string feature, byte major, byte minor)
    {
        if (!Has(major, minor))
            throw new FirmwareTooOldException(feature, new FirmwareVersion(major, minor, 0), Firmware);
    }

    private static PivException Refused(string what, StatusWord status)
    {
        if (status == StatusWord.SecurityStatusNotSatisfied)
            return new PivException($"The token refuses {what}: a right is missing.", "Give the PIN or the management key that this needs.", status);
        return new PivException($"The token refuses {what}.", "Look at the token with: hwchat-tools token info.", status);
    }

    private static void ThrowUnreadable(string what, DecodeException error) => throw new MalformedAnswerException(what, error);

    private sealed class Transaction : IDisposable
    {
        private readonly PivCard _card;
        private readonly IDisposable? _held;
        private bool _ended;

        public Transaction(PivCard card, IDisposable? held)
        {
            _card = card;
            _held = held;
            _card._depth++;
        }

        public void Dispose()
        {
            if (_ended)
                return;
            _ended = true;
            _card._depth--;
            if (_held is not null)
            {
                _card._pinFresh = false;
                _card._exchange.Forget();
                _held.Dispose();
            }
        }
    }
}
