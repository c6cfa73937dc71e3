using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Piv;
using Yubico.Core.Devices.SmartCard;
using Yubico.YubiKey;
using Yubico.YubiKey.InterIndustry.Commands;
using Yubico.YubiKey.Piv;
using FirmwareVersion = HardwareChat.Attestation.FirmwareVersion;

namespace HardwareChat.Tokens.Yubico;

/// <summary>The PIV application of one YubiKey, through a session of the SDK.</summary>
/// <remarks>
/// <para>Blocking, and for one thread. The session's connection carries the SDK's PIV commands, whose answers keep the status word; the session's own
/// methods make sentences of it, by which a wrong PIN and a missing touch could not be told apart.</para>
/// <para>What the SDK cannot do: it has no transaction over several commands, so another program may slip in between the PIN and
/// the signature (the card then asks for the PIN; nothing is signed unasked). Our own processes are kept apart by lock files. And it waits
/// without end for a card that another program has; so the smart card service is asked before it.</para>
/// </remarks>
internal sealed partial class YubicoCard : IDisposable
{
    private readonly ISmartCardDevice _reader;
    private readonly DeviceQuestion _question;
    private readonly CardTurn _turn;
    private readonly TouchPrompt _touch;
    private PivSession? _session;
    private ISelectApplicationData? _selected;

    // Given in this session; as the card says; and given in this operation, with no use of a key since.
    private bool _pinGiven;
    private bool _pinVerified;
    private bool _pinFresh;

    private YubicoCard(ISmartCardDevice reader, DeviceQuestion question, CardTurn turn, TimeProvider clock)
    {
        (_reader, _question, _turn, _touch) = (reader, question, turn, new TouchPrompt(clock));
        Info = new TokenInfo(reader.Path);
    }

    /// <summary>What the token is.</summary>
    public TokenInfo Info { get; private set; }

    /// <summary>A touch is wanted, was given, or did not come.</summary>
    public event Action<TouchEventArgs> TouchChanged
    {
        add => _touch.Changed += value;
        remove => _touch.Changed -= value;
    }

    private PivSession Session => _session ?? throw new InvalidOperationException("There is no session outside an operation.");

    private bool WasReset => _session is not null && !ReferenceEquals(_session.Connection.SelectApplicationData, _selected);

    /// <summary>Opens the token in a reader.</summary>
    /// <param name="reader">Where it is.</param>
    /// <param name="question">Whether shape and series are wanted, too.</param>
    /// <param name="turn">The queue for the card.</param>
    /// <param name="clock">Tells whether a cached touch may still be good.</param>
    /// <exception cref="TokenException">It cannot be reached, or has no PIV application.</exception>
    public static YubicoCard Open(ISmartCardDevice reader, DeviceQuestion question, CardTurn turn, TimeProvider clock)
    {
        var card = new YubicoCard(reader, question, turn, clock);
        try
        {
            card.Use(() => { }); // the beginning of each operation opens the session and asks the token what it is
            turn.Identify(reader.Path, card.Info.Serial);
            return card;
        }
        catch
        {
            card.Dispose();
            throw;
        }
    }

    /// <summary>Ends the session. The SDK has the card forget the PIN then.</summary>
    public void Dispose() => Close();

    // One operation: the card's turn is taken, a lost session taken up again, and what the SDK throws is translated.
    private T Use<T>(Func<T> work)
    {
        using IDisposable held = TakeTurn();
        try
        {
            return SdkFault.Translate(_reader.Path, () =>
            {
                TakeUp();
                return work();
            });
        }
        finally
        {
            _pinFresh = false;

            // After a reset the SDK keeps the card for itself alone. A new session shares it again.
            if (WasReset)
                Close();
        }
    }

    private void Use(Action work)
        => Use(() =>
        {
            work();
            return true;
        });

    private IDisposable TakeTurn()
    {
        var connection = new PcscConnection(_reader.Path);
        ICardChannel? probe = null;
        try
        {
            return _turn.Take(() =>
            {
                // Only asked for, not kept: the SDK takes the card itself, through a handle of its own.
                probe ??= connection.Open();
                probe.BeginTransaction().Dispose();
                return probe;
            });
        }
        catch (CardChannelException gone) when (gone.Fault is CardFault.NoCard or CardFault.NoReader)
        {
            throw new CardChannelException(CardFault.Removed, "The token was taken out.", "Plug it in again and repeat what you did.", gone.Code, gone);
        }
        finally
        {
            probe?.Dispose();
        }
    }

    // The empty VERIFY is answered 9000, 63 Cn or 6983 by PIV alone: anything else means that another program selected something else.
    private void TakeUp()
    {
        if (_session is not null)
        {
            StatusWord status = StatusOf(Send(new PinStateCommand()));
            if (!WasReset)
            {
                if (!status.IsSuccess && status.RetriesLeft is null)
                    status = Select();
                _pinVerified = status.IsSuccess;
                return;
            }

            Close();
        }

        _touch.Forget();
        _pinVerified = false;
        YubicoDevice found = YubicoDevice.Identify(_reader, _question);
        if (Info.Firmware is not null && (found.Info.Firmware != Info.Firmware || found.Info.Serial != Info.Serial))
        {
            throw new CardChannelException(
                CardFault.Removed, "The token was taken out, and another one is in its place.", "Plug the token in again that you began with, and open it anew.");
        }

        _session = SdkFault.Read("metadata of the management key", () => new PivSession(found.Device));
        _selected = _session.Connection.SelectApplicationData;
        if (Info.Firmware is null)
            Info = found.Info;
    }

    private StatusWord Select()
    {
        GenericSelectResponse selected = Send(new SelectApplicationCommand(YubiKeyApplication.Piv));
        return selected.Status == ResponseStatus.Success
            ? StatusOf(Send(new PinStateCommand()))
            : throw new PivNotFoundException(
                "The card has no PIV application any more.", "Unplug the token and plug it in again.", StatusOf(selected));
    }

    // The session forgets its connection where the card does not answer its farewell.
    private void Close()
    {
        if (_session is not { } session)
            return;
        _session = null;
        session.Dispose();
        session.Connection.Dispose();
    }

    private TResponse Send<TResponse>(IYubiKeyCommand<TResponse> command)
        where TResponse : IYubiKeyResponse
        => SdkFault.Send(Session.Connection, command);

    private static StatusWord StatusOf(IYubiKeyResponse response) => new(unchecked((ushort)response.StatusWord));

    private bool Has(byte major, byte minor) => Info.Firmware is { } firmware && firmware.IsAtLeast(major, minor);

    private void Require(string feature, byte major, byte minor)
    {
        if (!Has(major, minor))
            throw new FirmwareTooOldException(feature, new FirmwareVersion(major, minor, 0), Info.Firmware);
    }

    private static PivException Refused(string what, StatusWord status)
        => status == StatusWord.SecurityStatusNotSatisfied
            ? new PivException($"The token refuses {what}: a right is missing.", "Give the PIN or the management key that this needs.", status)
            : new PivException($"The token refuses {what}.", "Look at the token with: hwchat-tools token info.", status);

    private static void ThrowUnlessSuccess(string what, IYubiKeyResponse response)
    {
        StatusWord status = StatusOf(response);
        if (!status.IsSuccess)
            throw Refused(what, status);
    }
}
