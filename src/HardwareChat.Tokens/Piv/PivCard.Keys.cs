using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Piv;

// SP 800-73-4 Part 2 §3.2.4 GENERAL AUTHENTICATE, §3.3.2 GENERATE ASYMMETRIC KEY PAIR; YubiKey: metadata, attest, move.
public sealed partial class PivCard
{
    private const byte DeletedDestination = 0xFF;

    // What attestations told of keys, where the card has no metadata.
    private readonly Dictionary<PivSlot, SlotMetadata?> _attested = [];

    /// <summary>What is in a slot; <see langword="null"/> if it is empty. Firmware 5.3 and later.</summary>
    public SlotMetadata? GetMetadata(PivSlot slot) => Repeatable(() => ReadMetadata(slot));

    private SlotMetadata? ReadMetadata(PivSlot slot)
    {
        Require("Reading the metadata of a slot", 5, 3);
        ResponseApdu response = _exchange.Send(PivInstructions.GetMetadata, 0, slot.Id);
        if (IsAbsent(response.Status))
            return null;
        if (!response.Status.IsSuccess)
            throw Refused($"to describe slot {slot}", response.Status);
        try
        {
            var reader = new BerTlvReader(response.Data);
            PivAlgorithm? algorithm = null;
            (PinPolicy Pin, TouchPolicy Touch) policy = default;
            bool generated = false;
            PivPublicKey? key = null;
            while (!reader.IsEmpty)
            {
                ReadOnlySpan<byte> value = reader.Read(out int tag);
                if (tag == 0x01 && value.Length == 1)
                    algorithm = (PivAlgorithm)value[0];
                else if (tag == 0x02 && value.Length == 2)
                    policy = PolicyOf(value);
                else if (tag == 0x03 && value.Length == 1)
                    generated = value[0] == 1;
                else if (tag == 0x04 && algorithm is { } known)
                    key = PivPublicKey.FromCard(known, value);
            }

            return algorithm is { } named && key is not null
                ? new SlotMetadata(named, policy.Pin, policy.Touch, generated, key)
                : throw new MalformedAnswerException($"metadata of slot {slot} without a key");
        }
        catch (DecodeException error)
        {
            throw new MalformedAnswerException($"metadata of slot {slot}", error);
        }
    }

    /// <summary>What is in a slot; from its attestation where the firmware (4.3 to 5.2) has no metadata. <see langword="null"/> if it is empty.</summary>
    /// <exception cref="FirmwareTooOldException">The card cannot tell.</exception>
    public SlotMetadata? DescribeSlot(PivSlot slot) => Has(5, 3) ? GetMetadata(slot) : ReadAttested(slot);

    private SlotMetadata? ReadAttested(PivSlot slot)
    {
        try
        {
            using X509Certificate2 attestation = Attest(slot);
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

    /// <summary>Makes a new key in the slot. The old one, if any, is gone; the policies cannot be changed later.</summary>
    public PivPublicKey Generate(PivSlot slot, PivAlgorithm algorithm, PinPolicy pinPolicy, TouchPolicy touchPolicy, Administration administration)
    {
        if (algorithm is not (PivAlgorithm.EccP256 or PivAlgorithm.EccP384 or PivAlgorithm.Ed25519 or PivAlgorithm.X25519))
            throw new ArgumentException($"Keys of {algorithm} are not made, only read and verified.", nameof(algorithm));
        using IDisposable transaction = BeginTransaction();
        if (algorithm is PivAlgorithm.Ed25519 or PivAlgorithm.X25519)
            Require($"A key of {algorithm}", 5, 7);
        if (touchPolicy == TouchPolicy.Cached)
            Require("A cached touch", 4, 3);
        else if (pinPolicy != PinPolicy.Default || touchPolicy != TouchPolicy.Default)
            Require("A PIN or touch policy", 4, 0);
        Authenticate(administration);
        _attested.Remove(slot);

        var inside = new BerTlvWriter().Write(0x80, [(byte)algorithm]);
        if (pinPolicy != PinPolicy.Default)
            inside.Write(0xAA, [(byte)pinPolicy]);
        if (touchPolicy != TouchPolicy.Default)
            inside.Write(0xAB, [(byte)touchPolicy]);
        ResponseApdu response = _exchange.Send(PivInstructions.GenerateAsymmetric, 0, slot.Id, BerTlvWriter.Encode(0xAC, inside.Written));
        if (!response.Status.IsSuccess)
            throw Refused($"to make a key of {algorithm} in slot {slot}", response.Status);
        try
        {
            var reader = new BerTlvReader(response.Data);
            var key = PivPublicKey.FromCard(algorithm, reader.ReadValue(0x7F49));
            reader.ThrowIfNotEmpty();
            return key;
        }
        catch (DecodeException error)
        {
            throw new MalformedAnswerException("a new public key", error);
        }
    }

    /// <summary>Signs what the card is to sign: a digest for ECDSA, the whole message for Ed25519.</summary>
    /// <returns>The card's own form: DER for ECDSA, 64 bytes for Ed25519.</returns>
    /// <exception cref="PinRequiredException">The card wants the PIN.</exception>
    /// <exception cref="TouchTimedOutException">The PIN is in order, so what was missing is the touch.</exception>
    public byte[] Sign(PivSlot slot, PivAlgorithm algorithm, ReadOnlySpan<byte> input, Pin? pin = null)
    {
        byte[] request = UseRequest(0x81, input);
        using IDisposable transaction = BeginTransaction();
        byte[] signature = UseKey(slot, algorithm, request, pin).ToArray();
        return signature;
    }

    /// <summary>Signs a message: ECDSA over its SHA-256 (P-256) or SHA-384 (P-384), or Ed25519 over the whole.</summary>
    /// <returns>r || s of fixed width with s in the lower half, or the 64 bytes of Ed25519.</returns>
    /// <remarks>Exceptions as <see cref="Sign"/>.</remarks>
    public byte[] SignMessage(PivSlot slot, PivAlgorithm algorithm, ReadOnlySpan<byte> message, Pin? pin = null)
    {
        byte[] signature = algorithm switch
        {
            PivAlgorithm.EccP256 => Sign(slot, algorithm, SHA256.HashData(message), pin),
            PivAlgorithm.EccP384 => Sign(slot, algorithm, SHA384.HashData(message), pin),
            PivAlgorithm.Ed25519 => Sign(slot, algorithm, message, pin),
            _ => throw new ArgumentException($"{algorithm} does not sign here.", nameof(algorithm)),
        };
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

    /// <summary>Diffie-Hellman with the key in the slot. The caller disposes the secret.</summary>
    /// <remarks>Exceptions as <see cref="Sign"/>.</remarks>
    public TokenSecret Agree(PivSlot slot, PivPublicKey peer, Pin? pin = null)
    {
        ArgumentNullException.ThrowIfNull(peer);
        int size = peer.Algorithm switch
        {
            PivAlgorithm.EccP256 or PivAlgorithm.X25519 => 32,
            PivAlgorithm.EccP384 => 48,
            _ => throw new ArgumentException($"{peer.Algorithm} is no algorithm of Diffie-Hellman.", nameof(peer)),
        };
        byte[] request = UseRequest(0x85, peer.Encoded);
        using IDisposable transaction = BeginTransaction();
        ReadOnlySpan<byte> secret = UseKey(slot, peer.Algorithm, request, pin);
        if (secret.Length != size)
            throw new MalformedAnswerException("a shared secret of the wrong size");
        return new TokenSecret(secret);
    }

    /// <summary>Has the token attest the key in the slot. The caller disposes the certificate.</summary>
    /// <exception cref="PivNotFoundException">The slot is empty, or its key was imported.</exception>
    public X509Certificate2 Attest(PivSlot slot) => Repeatable(() => ReadAttestation(slot));

    private X509Certificate2 ReadAttestation(PivSlot slot)
    {
        Require("Attestation", 4, 3);
        ResponseApdu response = _exchange.Send(PivInstructions.Attest, slot.Id, 0, expectsMuch: true);
        if (IsAbsent(response.Status) || response.Status == StatusWord.IncorrectData || response.Status == StatusWord.ConditionsOfUseNotSatisfied)
        {
            throw new PivNotFoundException(
                $"Slot {slot} has no key that the token can attest.", "The slot is empty, or its key was imported. Generate a key in it.", response.Status);
        }

        if (!response.Status.IsSuccess)
            throw Refused($"to attest slot {slot}", response.Status);
        try
        {
            return X509CertificateLoader.LoadCertificate(response.Data);
        }
        catch (CryptographicException error)
        {
            throw new MalformedAnswerException($"the attestation of slot {slot}", error);
        }
    }

    /// <summary>Moves a key to another slot (firmware 5.7).</summary>
    public void MoveKey(PivSlot source, PivSlot destination, Administration administration) => Move(destination.Id, source, "to move a key", administration);

    /// <summary>Deletes a key (firmware 5.7). Its certificate object stays.</summary>
    public void DeleteKey(PivSlot slot, Administration administration) => Move(DeletedDestination, slot, "to delete a key", administration);

    private void Move(byte destination, PivSlot source, string what, Administration administration)
    {
        using IDisposable transaction = BeginTransaction();
        Require("Moving and deleting keys", 5, 7);
        Authenticate(administration);
        _attested.Clear();
        StatusWord status = _exchange.Send(PivInstructions.MoveKey, destination, source.Id, expectsData: false).Status;
        if (IsAbsent(status))
            throw EmptySlot(source, status);
        if (!status.IsSuccess)
            throw Refused(what, status);
    }

    private ReadOnlySpan<byte> UseKey(PivSlot slot, PivAlgorithm algorithm, byte[] request, Pin? pin)
    {
        SlotMetadata? known = _touch.IsHeard ? Foresee(slot) : null;
        if (pin is not null)
            VerifyPin(pin);
        else if (known is not null)
            RequirePin(known);
        bool fresh = _pinFresh;
        _pinFresh = false;
        using TouchPrompt.Wait touch = _touch.Begin(slot, Firmware is null ? TouchPolicy.Never : known?.TouchPolicy);
        ResponseApdu response = SendOnce(algorithm, slot, request);
        if (response.Status.IsSuccess)
        {
            touch.Touched();
            return Answer(response.Data, 0x82, "the result of a key's use");
        }

        if (response.Status == StatusWord.AuthenticationMethodBlocked)
            throw new PinBlockedException(PinKind.Pin, response.Status);
        if (response.Status == StatusWord.SecurityStatusNotSatisfied)
        {
            Exception missing = PinOrTouch(slot, fresh, response.Status);
            if (missing is TouchTimedOutException)
                touch.TimedOut();
            throw missing;
        }

        if (IsAbsent(response.Status) || (response.Status == StatusWord.IncorrectParameters && SlotIsEmpty(slot)))
            throw EmptySlot(slot, response.Status);
        throw Refused($"to use the key in slot {slot} as {algorithm}", response.Status);
    }

    // A card that was reset may have signed or not. It is not asked again behind the person's back: that would be a second signature.
    private ResponseApdu SendOnce(PivAlgorithm algorithm, PivSlot slot, byte[] request)
    {
        try
        {
            return GeneralAuthenticate((byte)algorithm, slot.Id, request);
        }
        catch (CardChannelException error) when (error.Fault == CardFault.Reset)
        {
            throw new CardChannelException(
                CardFault.Reset,
                "The token was reset, or lost power, while it used its key. Nothing came back, and it was not asked a second time.",
                "Repeat what you did; the token wants PIN and touch again.",
                error.Code,
                error);
        }
    }

    // What the key will want, so that nobody is asked for a touch that cannot come to anything. Without metadata an attestation tells;
    // that costs the card a signature, so it is kept. Null where the card cannot tell: imported keys before firmware 5.3, other cards.
    private SlotMetadata? Foresee(PivSlot slot)
    {
        if (Has(5, 3))
            return ReadMetadata(slot) ?? throw EmptySlot(slot, StatusWord.ReferencedDataNotFound);
        if (!Has(4, 3))
            return null;
        if (!_attested.TryGetValue(slot, out SlotMetadata? known))
            _attested[slot] = known = ReadAttested(slot);
        return known;
    }

    private void RequirePin(SlotMetadata known)
    {
        bool missing = known.PinPolicy switch
        {
            PinPolicy.Always => !_pinFresh,
            PinPolicy.Once => !_pinVerified,
            _ => false, // never; or the card's own business (default, fingerprints)
        };
        if (missing)
            throw GetPinState().IsBlocked ? new PinBlockedException(PinKind.Pin, StatusWord.AuthenticationMethodBlocked) : PinMissing(StatusWord.SecurityStatusNotSatisfied);
    }

    private PinRequiredException PinMissing(StatusWord status) => new(wasForgotten: _pinGiven && !_pinVerified, status);

    // 6982 means "no PIN" or "no touch". The PIN just given rules the first out; otherwise the card is asked. A key of policy "always"
    // wants the PIN although the session has it, so there the metadata decide.
    private Exception PinOrTouch(PivSlot slot, bool justGiven, StatusWord status)
    {
        if (justGiven)
            return new TouchTimedOutException(slot);
        PinState state = GetPinState();
        if (state.IsBlocked)
            return new PinBlockedException(PinKind.Pin, status);
        SlotMetadata? metadata = Has(5, 3) ? GetMetadata(slot) : null;
        PinPolicy policy = metadata?.PinPolicy ?? (slot == PivSlot.Signature ? PinPolicy.Always : PinPolicy.Once);
        bool pinMissing = policy switch
        {
            PinPolicy.Never => false,
            PinPolicy.Always or PinPolicy.MatchAlways => true,
            _ => !state.IsVerified,
        };
        _pinVerified = state.IsVerified;
        return pinMissing ? PinMissing(status) : new TouchTimedOutException(slot);
    }

    private bool SlotIsEmpty(PivSlot slot) => Has(5, 3) && GetMetadata(slot) is null;

    internal static PivNotFoundException EmptySlot(PivSlot slot, StatusWord status)
        => new($"Slot {slot} is empty.", "Generate a key in it (hwchat-tools token init), or name another slot.", status);

    private static (PinPolicy Pin, TouchPolicy Touch) PolicyOf(ReadOnlySpan<byte> value)
    {
        var policy = (Pin: (PinPolicy)value[0], Touch: (TouchPolicy)value[1]);
        return Enum.IsDefined(policy.Pin) && Enum.IsDefined(policy.Touch) ? policy : throw new DecodeException("a policy that there is not", 0);
    }

    private static bool IsAbsent(StatusWord status) => status == StatusWord.ReferencedDataNotFound || status == StatusWord.FileNotFound;

    private static byte[] UseRequest(int tag, ReadOnlySpan<byte> input)
        => BerTlvWriter.Encode(0x7C, new BerTlvWriter().Write(0x82, []).Write(tag, input).Written);

    private ResponseApdu GeneralAuthenticate(byte algorithm, byte reference, scoped ReadOnlySpan<byte> request)
        => _exchange.Send(PivInstructions.GeneralAuthenticate, algorithm, reference, request);

    private static ReadOnlySpan<byte> Answer(ReadOnlySpan<byte> data, int tag, string what)
    {
        try
        {
            var reader = new BerTlvReader(data);
            BerTlvReader template = reader.ReadNested(0x7C);
            ReadOnlySpan<byte> value = template.ReadValue(tag);
            template.ThrowIfNotEmpty();
            reader.ThrowIfNotEmpty();
            return value;
        }
        catch (DecodeException error)
        {
            throw new MalformedAnswerException(what, error);
        }
    }
}
