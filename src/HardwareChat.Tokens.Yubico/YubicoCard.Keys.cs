using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;
using Yubico.YubiKey;
using Yubico.YubiKey.Piv;
using Yubico.YubiKey.Piv.Commands;
using PivAlgorithm = HardwareChat.Tokens.Piv.PivAlgorithm;
using PivPublicKey = HardwareChat.Tokens.Piv.PivPublicKey;
using PivSlot = HardwareChat.Tokens.Piv.PivSlot;
using SdkAlgorithm = Yubico.YubiKey.Piv.PivAlgorithm;

namespace HardwareChat.Tokens.Yubico;

// Keys and what they do. Exceptions and meaning as in the built-in driver's PivCard.
internal sealed partial class YubicoCard
{
    public SlotMetadata? DescribeSlot(PivSlot slot) => Use(() => Describe(slot));

    public PivPublicKey Generate(PivSlot slot, PivAlgorithm algorithm, PinPolicy pinPolicy, TouchPolicy touchPolicy, Administration administration)
    {
        if (algorithm is not (PivAlgorithm.EccP256 or PivAlgorithm.EccP384 or PivAlgorithm.Ed25519 or PivAlgorithm.X25519))
            throw new ArgumentException($"Keys of {algorithm} are not made, only read and verified.", nameof(algorithm));
        return Use(() =>
        {
            if (algorithm is PivAlgorithm.Ed25519 or PivAlgorithm.X25519)
                Require($"A key of {algorithm}", 5, 7);
            if (touchPolicy == TouchPolicy.Cached)
                Require("A cached touch", 4, 3);
            else if (pinPolicy != PinPolicy.Default || touchPolicy != TouchPolicy.Default)
                Require("A PIN or touch policy", 4, 0);
            Authenticate(administration);
            GenerateKeyPairResponse response = Send(new GenerateKeyPairCommand(slot.Id, ToSdk(algorithm), (PivPinPolicy)pinPolicy, (PivTouchPolicy)touchPolicy));
            ThrowUnlessSuccess($"to make a key of {algorithm} in slot {slot}", response);
            try
            {
                return PivPublicKey.FromCard(algorithm, new BerTlvReader(response.Data.Span).ReadValue(0x7F49));
            }
            catch (DecodeException error)
            {
                throw new MalformedAnswerException("a new public key", error);
            }
        });
    }

    public byte[] SignMessage(PivSlot slot, PivAlgorithm algorithm, ReadOnlyMemory<byte> message, Pin? pin)
    {
        ReadOnlyMemory<byte> input = algorithm switch
        {
            PivAlgorithm.EccP256 => SHA256.HashData(message.Span),
            PivAlgorithm.EccP384 => SHA384.HashData(message.Span),
            PivAlgorithm.Ed25519 => message,
            _ => throw new ArgumentException($"{algorithm} does not sign here.", nameof(algorithm)),
        };
        byte[] signature = Use(() => Sign(slot, algorithm, input, pin));
        if (algorithm == PivAlgorithm.Ed25519)
            return signature.Length == 64 ? signature : throw new MalformedAnswerException("a signature of the wrong size");
        try
        {
            return EcdsaSignature.FromDer(algorithm, signature);
        }
        catch (DecodeException error)
        {
            throw new MalformedAnswerException("a signature", error);
        }
    }

    public TokenSecret Agree(PivSlot slot, PivPublicKey peer, Pin? pin)
    {
        int size = peer.Algorithm switch
        {
            PivAlgorithm.EccP256 or PivAlgorithm.X25519 => 32,
            PivAlgorithm.EccP384 => 48,
            _ => throw new ArgumentException($"{peer.Algorithm} is no algorithm of Diffie-Hellman.", nameof(peer)),
        };
        byte[] point = peer.Encoded.ToArray();
        return Use(() =>
        {
            byte[] secret = UseKey(slot, peer.Algorithm, pin, new AuthenticateKeyAgreeCommand(point, slot.Id, ToSdk(peer.Algorithm)));
            try
            {
                return secret.Length == size ? new TokenSecret(secret) : throw new MalformedAnswerException("a shared secret of the wrong size");
            }
            finally
            {
                CryptographicOperations.ZeroMemory(secret);
            }
        });
    }

    public X509Certificate2 Attest(PivSlot slot) => Use(() => ReadAttestation(slot));

    public X509Certificate2 SelfSign(
        PivSlot slot, X500DistinguishedName subject, DateTimeOffset notBefore, DateTimeOffset notAfter, Pin? pin, Administration administration)
        => Use(() =>
        {
            SlotMetadata metadata = Describe(slot) ?? throw PivCard.EmptySlot(slot, StatusWord.ReferencedDataNotFound);

            // The right to write comes first: without it, the touch would be for nothing.
            Authenticate(administration);
            X509Certificate2 certificate = SlotCertificate.Create(
                metadata.PublicKey, subject, notBefore, notAfter, digest => Sign(slot, metadata.Algorithm, digest, pin));
            try
            {
                WriteCertificate(slot, certificate);
                return certificate;
            }
            catch
            {
                certificate.Dispose();
                throw;
            }
        });

    public void MoveKey(PivSlot source, PivSlot destination, Administration administration)
        => Move("to move a key", source, administration, () => Send(new MoveKeyCommand(source.Id, destination.Id)));

    public void DeleteKey(PivSlot slot, Administration administration)
        => Move("to delete a key", slot, administration, () => Send(new DeleteKeyCommand(slot.Id)));

    private void Move(string what, PivSlot source, Administration administration, Func<IYubiKeyResponse> send)
        => Use(() =>
        {
            Require("Moving and deleting keys", 5, 7);
            Authenticate(administration);
            IYubiKeyResponse response = send();
            if (IsAbsent(StatusOf(response)))
                throw PivCard.EmptySlot(source, StatusOf(response));
            ThrowUnlessSuccess(what, response);
        });

    private byte[] Sign(PivSlot slot, PivAlgorithm algorithm, ReadOnlyMemory<byte> input, Pin? pin)
        => UseKey(slot, algorithm, pin, new AuthenticateSignCommand(input, slot.Id, ToSdk(algorithm)));

    private byte[] UseKey<TResponse>(PivSlot slot, PivAlgorithm algorithm, Pin? pin, IYubiKeyCommand<TResponse> command)
        where TResponse : IYubiKeyResponseWithData<byte[]>
    {
        SlotMetadata? known = _touch.IsHeard ? Foresee(slot) : null;
        if (pin is not null)
            Verify(pin);
        else if (known is not null)
            RequirePin(known);
        bool fresh = _pinFresh;
        _pinFresh = false;

        // The SDK never says that PIV waits for a touch, so it is said here, before the command that blocks.
        using TouchPrompt.Wait touch = _touch.Begin(slot, known?.TouchPolicy);
        TResponse response = Send(command);
        StatusWord status = StatusOf(response);
        if (status.IsSuccess)
        {
            touch.Touched();
            return SdkFault.Read("the result of a key's use", response.GetData);
        }

        if (status == StatusWord.AuthenticationMethodBlocked)
            throw new PinBlockedException(PinKind.Pin, status);
        if (status == StatusWord.SecurityStatusNotSatisfied)
        {
            Exception missing = PinOrTouch(slot, fresh, status);
            if (missing is TouchTimedOutException)
                touch.TimedOut();
            throw missing;
        }

        if (IsAbsent(status) || (status == StatusWord.IncorrectParameters && Has(5, 3) && ReadMetadata(slot) is null))
            throw PivCard.EmptySlot(slot, status);
        throw Refused($"to use the key in slot {slot} as {algorithm}", status);
    }

    // What the key will want, so that nobody is asked for a touch that cannot come to anything. Null where the card cannot tell.
    private SlotMetadata? Foresee(PivSlot slot)
    {
        if (Has(5, 3))
            return ReadMetadata(slot) ?? throw PivCard.EmptySlot(slot, StatusWord.ReferencedDataNotFound);
        return Has(4, 3) ? ReadAttested(slot) : null;
    }

    private void RequirePin(SlotMetadata known)
    {
        bool missing = known.PinPolicy switch
        {
            PinPolicy.Always => !_pinFresh,
            PinPolicy.Once => !_pinVerified,
            _ => false,
        };
        if (missing)
            throw ReadPinState().IsBlocked ? new PinBlockedException(PinKind.Pin, StatusWord.AuthenticationMethodBlocked) : PinMissing(StatusWord.SecurityStatusNotSatisfied);
    }

    private PinRequiredException PinMissing(StatusWord status) => new(wasForgotten: _pinGiven && !_pinVerified, status);

    // 6982 means "no PIN" or "no touch". The PIN just given rules the first out, unless another program came between; otherwise the card is asked.
    private Exception PinOrTouch(PivSlot slot, bool justGiven, StatusWord status)
    {
        PinState state = ReadPinState();
        if (state.IsBlocked)
            return new PinBlockedException(PinKind.Pin, status);
        _pinVerified = state.IsVerified;
        if (justGiven)
            return state.IsVerified ? new TouchTimedOutException(slot) : PinMissing(status);
        SlotMetadata? metadata = Has(5, 3) ? ReadMetadata(slot) : null;
        PinPolicy policy = metadata?.PinPolicy ?? (slot == PivSlot.Signature ? PinPolicy.Always : PinPolicy.Once);
        bool pinMissing = policy switch
        {
            PinPolicy.Never => false,
            PinPolicy.Always or PinPolicy.MatchAlways => true,
            _ => !state.IsVerified,
        };
        return pinMissing ? PinMissing(status) : new TouchTimedOutException(slot);
    }

    private SlotMetadata? Describe(PivSlot slot) => Has(5, 3) ? ReadMetadata(slot) : ReadAttested(slot);

    private SlotMetadata? ReadMetadata(PivSlot slot)
    {
        GetMetadataResponse response = Send(new GetMetadataCommand(slot.Id));
        if (IsAbsent(StatusOf(response)))
            return null;
        ThrowUnlessSuccess($"to describe slot {slot}", response);
        PivMetadata metadata = SdkFault.Read($"metadata of slot {slot}", response.GetData);
        PinPolicy pin = metadata.PinPolicy == PivPinPolicy.Default ? PinPolicy.Default : (PinPolicy)metadata.PinPolicy;
        TouchPolicy touch = FromSdk(metadata.TouchPolicy);
        if (metadata.PublicKeyParameters is not { } key || !Enum.IsDefined(pin) || !Enum.IsDefined(touch))
            throw new MalformedAnswerException($"metadata of slot {slot}");
        return new SlotMetadata(
            (PivAlgorithm)metadata.Algorithm,
            pin,
            touch,
            metadata.KeyStatus == PivKeyStatus.Generated,
            SdkFault.Read($"metadata of slot {slot}", () => PivPublicKey.FromSubjectPublicKeyInfo(key.ExportSubjectPublicKeyInfo())));
    }

    private SlotMetadata? ReadAttested(PivSlot slot)
    {
        try
        {
            using X509Certificate2 attestation = ReadAttestation(slot);
            AttestationExtensions stated = AttestationCertificate.Parse(attestation.RawData).Attestation;
            var key = PivPublicKey.FromSubjectPublicKeyInfo(attestation.PublicKey.ExportSubjectPublicKeyInfo());
            return new SlotMetadata(key.Algorithm, stated.PinPolicy ?? PinPolicy.Default, stated.TouchPolicy ?? TouchPolicy.Default, IsGenerated: true, key);
        }
        catch (PivNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is DecodeException or CryptographicException)
        {
            throw new MalformedAnswerException($"the attestation of slot {slot}", error);
        }
    }

    private X509Certificate2 ReadAttestation(PivSlot slot)
    {
        Require("Attestation", 4, 3);
        CreateAttestationStatementResponse response = Send(new CreateAttestationStatementCommand(slot.Id));
        StatusWord status = StatusOf(response);
        if (IsAbsent(status) || status == StatusWord.IncorrectData || status == StatusWord.ConditionsOfUseNotSatisfied)
        {
            throw new PivNotFoundException(
                $"Slot {slot} has no key that the token can attest.", "The slot is empty, or its key was imported. Generate a key in it.", status);
        }

        ThrowUnlessSuccess($"to attest slot {slot}", response);
        return SdkFault.Read($"the attestation of slot {slot}", response.GetData);
    }

    // Each has "the card's own default"; the SDK's is no value that a card knows.
    private static TouchPolicy FromSdk(PivTouchPolicy policy) => policy == PivTouchPolicy.Default ? TouchPolicy.Default : (TouchPolicy)policy;

    private static bool IsAbsent(StatusWord status) => status == StatusWord.ReferencedDataNotFound || status == StatusWord.FileNotFound;

    // Both name the algorithms of keys and management keys by the identifiers of SP 800-78-4, but for those that Yubico chose.
    private static SdkAlgorithm ToSdk(PivAlgorithm algorithm) => algorithm switch
    {
        PivAlgorithm.EccP256 => SdkAlgorithm.EccP256,
        PivAlgorithm.EccP384 => SdkAlgorithm.EccP384,
        PivAlgorithm.Ed25519 => SdkAlgorithm.EccEd25519,
        PivAlgorithm.X25519 => SdkAlgorithm.EccX25519,
        PivAlgorithm.TripleDes => SdkAlgorithm.TripleDes,
        PivAlgorithm.Aes128 => SdkAlgorithm.Aes128,
        PivAlgorithm.Aes192 => SdkAlgorithm.Aes192,
        PivAlgorithm.Aes256 => SdkAlgorithm.Aes256,
        _ => throw new ArgumentException($"{algorithm} is not used here.", nameof(algorithm)),
    };
}
