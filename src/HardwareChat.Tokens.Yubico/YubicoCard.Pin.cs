using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using Yubico.YubiKey.Piv;
using Yubico.YubiKey.Piv.Commands;
using SdkSlot = Yubico.YubiKey.Piv.PivSlot;

namespace HardwareChat.Tokens.Yubico;

// PIN and PUK. Exceptions and meaning as in the built-in driver's PivCard.
internal sealed partial class YubicoCard
{
    public PinState GetPinState() => Use(ReadPinState);

    public PukState GetPukState()
        => Use(() =>
        {
            if (!Has(5, 3))
                return PukState.Unknown;
            PivMetadata metadata = ReadReferenceMetadata(SdkSlot.Puk);
            return new PukState(metadata.RetriesRemaining, metadata.KeyStatus == PivKeyStatus.Default);
        });

    public void VerifyPin(Pin pin) => Use(() => Verify(pin));

    public void ChangePin(Pin current, Pin replacement) => Use(() => Change(SdkSlot.Pin, PinKind.Pin, current, replacement));

    public void ChangePuk(Pin current, Pin replacement) => Use(() => Change(SdkSlot.Puk, PinKind.Puk, current, replacement));

    public void UnblockPin(Pin puk, Pin replacement)
        => Use(() =>
        {
            using var proof = new SecretCopy(puk.Unpadded);
            using var fresh = new SecretCopy(replacement.Unpadded);
            ThrowUnlessAccepted(PinKind.Puk, "to change the PUK", StatusOf(Send(new ResetRetryCommand(proof, fresh))));
        });

    public void SetRetries(int pinTries, int pukTries, Pin pin, Administration administration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pinTries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pinTries, 15);
        ArgumentOutOfRangeException.ThrowIfLessThan(pukTries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pukTries, 15);
        Use(() =>
        {
            Authenticate(administration);
            Verify(pin);
            ThrowUnlessSuccess("to set the number of tries", Send(new SetPinRetriesCommand((byte)pinTries, (byte)pukTries)));
            _pinGiven = _pinVerified = _pinFresh = false;
        });
    }

    private PinState ReadPinState()
    {
        StatusWord status = StatusOf(Send(new PinStateCommand()));
        if (!Has(5, 3))
            return new PinState(status.IsSuccess, status.RetriesLeft, null);
        PivMetadata metadata = ReadReferenceMetadata(SdkSlot.Pin);
        return new PinState(status.IsSuccess, metadata.RetriesRemaining, metadata.KeyStatus == PivKeyStatus.Default);
    }

    private PivMetadata ReadReferenceMetadata(byte reference)
    {
        GetMetadataResponse response = Send(new GetMetadataCommand(reference));
        ThrowUnlessSuccess("to tell the state of its PIN or PUK", response);
        PivMetadata metadata = SdkFault.Read("metadata of the PIN or PUK", response.GetData);
        return metadata.RetriesRemaining >= 0 ? metadata : throw new MalformedAnswerException("metadata of the PIN or PUK without a number of tries");
    }

    private void Verify(Pin pin)
    {
        _pinVerified = _pinFresh = false;
        using var given = new SecretCopy(pin.Unpadded);
        ThrowUnlessAccepted(PinKind.Pin, "to check the PIN", StatusOf(Send(new VerifyPinCommand(given))));
        _pinGiven = _pinVerified = _pinFresh = true;
    }

    private void Change(byte reference, PinKind kind, Pin current, Pin replacement)
    {
        using var proof = new SecretCopy(current.Unpadded);
        using var fresh = new SecretCopy(replacement.Unpadded);
        string what = kind == PinKind.Pin ? "to change the PIV PIN" : "to change the PUK";
        ThrowUnlessAccepted(kind, what, StatusOf(Send(new ChangeReferenceDataCommand(reference, proof, fresh))));
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
}
