using System.Buffers.Binary;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;

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
    private readonly CardTurn _turn;
    private readonly TouchPrompt _touch;
    private IDisposable? _held;
    private int _depth;

    // Given in this session; as the card says; and given in this transaction, with no use of a key since.
    private bool _pinGiven;
    private bool _pinVerified;
    private bool _pinFresh;

    // Whether it is known which card this is; and whether another may have come into the reader since.
    private bool _isIdentified;
    private bool _mayBeAnother;

    private PivCard(ICardChannel channel, CardTurn turn, TimeProvider clock)
    {
        _channel = channel;
        _turn = turn;
        _exchange = new ApduExchange(channel);
        _touch = new TouchPrompt(clock);
    }

    /// <summary>The firmware; <see langword="null"/> for a PIV card that is no YubiKey.</summary>
    public FirmwareVersion? Firmware { get; private set; }

    /// <summary>The serial number; <see langword="null"/> if the card has none to tell.</summary>
    public uint? Serial { get; private set; }

    /// <summary>What the management application says; unknown if it was not asked, or is not there.</summary>
    public DeviceInfo Device { get; private set; } = DeviceInfo.Unknown;

    /// <summary>A touch is wanted, was given, or did not come. While nobody listens, the card is not asked whether a key wants one.</summary>
    internal event Action<TouchEventArgs> TouchChanged
    {
        add => _touch.Changed += value;
        remove => _touch.Changed -= value;
    }

    /// <summary>Selects PIV on the card and reads version and serial. Takes ownership of the channel, also when it fails.</summary>
    /// <exception cref="PivMissingException">The card has no PIV application.</exception>
    /// <exception cref="CardChannelException">The card cannot be reached.</exception>
    public static PivCard OpenOwned(ICardChannel channel, DeviceQuestion question = DeviceQuestion.Ask) => OpenOwned(channel, question, new CardTurn(), TimeProvider.System);

    internal static PivCard OpenOwned(ICardChannel channel, DeviceQuestion question, CardTurn turn, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(channel);
        var card = new PivCard(channel, turn, clock);
        try
        {
            using (card.BeginTransaction())
                card.Identify(question);
            turn.Identify(channel.ReaderName, card.Serial);
            return card;
        }
        catch
        {
            card.Dispose();
            throw;
        }
    }

    /// <summary>Keeps other programs from the card until disposed. May be nested; the outermost counts.</summary>
    /// <exception cref="CardChannelException">The card is gone, or stayed busy.</exception>
    public IDisposable BeginTransaction()
    {
        if (_depth == 0)
            Hold();
        return new Transaction(this);
    }

    /// <summary>Clears the buffers and ends the conversation.</summary>
    public void Dispose()
    {
        LetGo();
        _exchange.Dispose();
        _channel.Dispose();
    }

    // What only reads may be done a second time after a reset; a signature, a PIN or a new key may not.
    private T Repeatable<T>(Func<T> read)
    {
        bool isOutermost = _depth == 0;
        using IDisposable transaction = BeginTransaction();
        try
        {
            return read();
        }
        catch (CardChannelException error) when (error.Fault == CardFault.Reset && isOutermost)
        {
            LetGo();
            Reconnect();
            Hold();
            return read();
        }
    }

    private void Hold()
    {
        try
        {
            TakeAndSelect();
        }
        catch (CardChannelException error) when (error.Fault == CardFault.Reset)
        {
            // Another program reset the card: take it up again, once.
            LetGo();
            Reconnect();
            TakeAndSelect();
        }
    }

    private void TakeAndSelect()
    {
        _held = _turn.Take(_channel);
        try
        {
            EnsureSelected();
        }
        catch
        {
            LetGo();
            throw;
        }
    }

    private void LetGo()
    {
        _pinFresh = false;
        _exchange.Forget();
        IDisposable? held = _held;
        _held = null;
        held?.Dispose();
    }

    private void Reconnect()
    {
        _touch.Forget();
        _mayBeAnother = true;
        _turn.Await(() =>
        {
            _channel.Reconnect();
            return _channel;
        });
    }

    // The empty VERIFY is answered 9000, 63 Cn or 6983 by PIV alone: anything else means that another application is selected.
    private void EnsureSelected()
    {
        if (!_mayBeAnother)
        {
            StatusWord status = _exchange.Send(PivInstructions.Verify, 0, PivInstructions.PinReference, expectsData: false).Status;
            _pinVerified = status.IsSuccess;
            if (status.IsSuccess || status.RetriesLeft is not null)
                return;
        }

        _pinVerified = false;
        SelectPiv();
        if (_mayBeAnother && _isIdentified)
            RequireSameCard();
        _mayBeAnother = false;
    }

    // Between two commands the card can be swapped for another, which must get neither this card's PIN nor its work.
    private void RequireSameCard()
    {
        FirmwareVersion? firmware = ReadVersion();
        uint? serial = firmware is null ? null : ReadSerial();
        if (serial is null && Serial is not null && firmware is not null)
        {
            serial = DeviceInfo.Read(_exchange).Serial;
            SelectPiv();
        }

        if (firmware != Firmware || serial != Serial)
        {
            throw new CardChannelException(
                CardFault.Removed, "The token was taken out, and another one is in its place.", "Plug the token in again that you began with, and open it anew.");
        }
    }

    private void SelectPiv()
    {
        ResponseApdu selected = _exchange.Send(PivInstructions.Select, 0x04, 0x00, ApplicationId);
        if (!selected.Status.IsSuccess)
        {
            throw new PivMissingException(selected.Status);
        }
    }

    private void Identify(DeviceQuestion question)
    {
        Firmware = ReadVersion();
        if (Firmware is not null)
            Serial = ReadSerial();
        if (Firmware is not null && (question == DeviceQuestion.Ask || Serial is null))
        {
            Device = DeviceInfo.Read(_exchange);
            Serial ??= Device.Serial;
            SelectPiv();
        }

        _exchange.UsesExtendedLength = _channel.TakesExtendedLength && (Has(4, 0) || AnswerToReset.SaysExtendedLength(_channel.Atr.Span));
        _isIdentified = true;
    }

    private FirmwareVersion? ReadVersion()
    {
        ResponseApdu version = _exchange.Send(PivInstructions.GetVersion, 0, 0);
        return version.Status.IsSuccess && FirmwareVersion.TryRead(version.Data, out FirmwareVersion firmware) ? firmware : null;
    }

    private uint? ReadSerial()
    {
        ResponseApdu serial = _exchange.Send(PivInstructions.GetSerial, 0, 0);
        return serial.Status.IsSuccess && serial.Data.Length == sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(serial.Data) : null;
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

    private sealed class Transaction : IDisposable
    {
        private readonly PivCard _card;
        private bool _ended;

        public Transaction(PivCard card)
        {
            _card = card;
            _card._depth++;
        }

        public void Dispose()
        {
            if (_ended)
                return;
            _ended = true;
            if (--_card._depth == 0)
                _card.LetGo();
        }
    }
}
