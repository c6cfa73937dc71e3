using System.Security.Cryptography;
using HardwareChat.Tokens.Apdu;

namespace HardwareChat.Tokens.Piv;

// SP 800-73-4 Part 2 §3.2: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER.
public sealed partial class PivCard
{
    private const int MaxBlockingTries = 255;

    /// <summary>What the card says of its PIN. Costs no try.</summary>
    public PinState GetPinState() => Repeatable(ReadPinState);

    private PinState ReadPinState()
    {
        StatusWord status = _exchange.Send(PivInstructions.Verify, 0, PivInstructions.PinReference, expectsData: false).Status;
        bool? isDefault = null;
        int? retries = status.RetriesLeft;
        if (!status.IsSuccess && retries is null)
            throw Refused("to tell the state of its PIN", status);
        if (Has(5, 3))
        {
            (isDefault, int left) = ReadReferenceMetadata(PivInstructions.PinReference);
            retries = left;
        }

        return new PinState(status.IsSuccess, retries, isDefault);
    }

    /// <summary>What the card says of its PUK. Costs no try.</summary>
    public PukState GetPukState() => Repeatable(() =>
    {
        if (!Has(5, 3))
            return PukState.Unknown;
        (bool? isDefault, int left) = ReadReferenceMetadata(PivInstructions.PukReference);
        return new PukState(left, isDefault);
    });

    /// <summary>Gives the PIN, for the session.</summary>
    public void VerifyPin(Pin pin)
    {
        ArgumentNullException.ThrowIfNull(pin);
        using IDisposable transaction = BeginTransaction();
        _pinVerified = _pinFresh = false;
        StatusWord status;
        try
        {
            status = _exchange.Send(PivInstructions.Verify, 0, PivInstructions.PinReference, pin.Padded, expectsData: false).Status;
        }
        finally
        {
            _exchange.Forget();
        }

        ThrowUnlessAccepted(PinKind.Pin, "to check the PIN", status);
        _pinGiven = _pinVerified = _pinFresh = true;
    }

    /// <summary>Changes the PIN.</summary>
    public void ChangePin(Pin current, Pin replacement) => Change(PivInstructions.ChangeReference, PivInstructions.PinReference, PinKind.Pin, current, replacement);

    /// <summary>Changes the PUK.</summary>
    public void ChangePuk(Pin current, Pin replacement) => Change(PivInstructions.ChangeReference, PivInstructions.PukReference, PinKind.Puk, current, replacement);

    /// <summary>Sets a new PIN by the PUK.</summary>
    public void UnblockPin(Pin puk, Pin replacement) => Change(PivInstructions.ResetRetryCounter, PivInstructions.PinReference, PinKind.Puk, puk, replacement);

    /// <summary>Sets how many tries PIN and PUK have (1 to 15), and both to the factory's values. Needs PIN and management key.</summary>
    public void SetRetries(int pinTries, int pukTries, Pin pin, Administration administration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pinTries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pinTries, 15);
        ArgumentOutOfRangeException.ThrowIfLessThan(pukTries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pukTries, 15);
        using IDisposable transaction = BeginTransaction();
        Require("Setting the number of tries", 1, 0);
        Authenticate(administration);
        VerifyPin(pin);
        StatusWord status = _exchange.Send(PivInstructions.SetRetries, (byte)pinTries, (byte)pukTries, expectsData: false).Status;
        if (!status.IsSuccess)
            throw Refused("to set the number of tries", status);
        _pinGiven = _pinVerified = _pinFresh = false;
    }

    /// <summary>Blocks PIN and PUK and sets the application back to the factory's state: every key but F9 dies.</summary>
    public void Reset()
    {
        using IDisposable transaction = BeginTransaction();
        Require("Resetting the PIV application", 1, 0);
        Block(PivInstructions.Verify, PivInstructions.PinReference, Pin.MaxLength);
        Block(PivInstructions.ResetRetryCounter, PivInstructions.PinReference, 2 * Pin.MaxLength);
        StatusWord status = _exchange.Send(PivInstructions.Reset, 0, 0, expectsData: false).Status;
        if (!status.IsSuccess)
            throw Refused("to reset the PIV application", status);
        _pinGiven = _pinVerified = _pinFresh = false;
        _attested.Clear();
    }

    private (bool? IsDefault, int RetriesLeft) ReadReferenceMetadata(byte reference)
    {
        ResponseApdu response = _exchange.Send(PivInstructions.GetMetadata, 0, reference);
        if (!response.Status.IsSuccess)
            throw Refused("to tell the state of its PIN or PUK", response.Status);
        bool? isDefault = null;
        int? left = null;
        try
        {
            var reader = new BerTlvReader(response.Data);
            while (!reader.IsEmpty)
            {
                ReadOnlySpan<byte> value = reader.Read(out int tag);
                if (tag == 0x05 && value.Length == 1)
                    isDefault = value[0] != 0;
                else if (tag == 0x06 && value.Length == 2)
                    left = value[1];
            }
        }
        catch (Wire.DecodeException error)
        {
            throw new MalformedAnswerException("metadata of the PIN or PUK", error);
        }

        return (isDefault, left ?? throw new MalformedAnswerException("metadata of the PIN or PUK without a number of tries"));
    }

    private void Change(byte instruction, byte reference, PinKind kind, Pin proof, Pin replacement)
    {
        ArgumentNullException.ThrowIfNull(proof);
        ArgumentNullException.ThrowIfNull(replacement);
        using IDisposable transaction = BeginTransaction();
        Span<byte> both = stackalloc byte[2 * Pin.MaxLength];
        proof.Padded.CopyTo(both);
        replacement.Padded.CopyTo(both[Pin.MaxLength..]);
        StatusWord status;
        try
        {
            status = _exchange.Send(instruction, 0, reference, both, expectsData: false).Status;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(both);
            _exchange.Forget();
        }

        ThrowUnlessAccepted(kind, $"to change the {PinWords.Name(kind)}", status);
    }

    private static void ThrowUnlessAccepted(PinKind kind, string what, StatusWord status)
    {
        if (status.IsSuccess)
            return;
        throw status.RetriesLeft switch
        {
            0 => new PinBlockedException(kind, status),
            { } left => new PinIncorrectException(kind, left, status),
            null => Refused(what, status),
        };
    }

    // Random values, so that no PIN in use is guessed; each costs a try, and 15 tries are the most that a card can have.
    private void Block(byte instruction, byte reference, int length)
    {
        Span<byte> wrong = stackalloc byte[2 * Pin.MaxLength];
        for (int i = 0; i < MaxBlockingTries; i++)
        {
            RandomNumberGenerator.Fill(wrong);
            StatusWord status = _exchange.Send(instruction, 0, reference, wrong[..length], expectsData: false).Status;
            if (status.RetriesLeft == 0)
                return;
            if (!status.IsSuccess && status.RetriesLeft is null)
                throw Refused("to block its PIN for the reset", status);
        }

        throw new MalformedAnswerException("a PIN that no number of wrong tries blocks");
    }
}
