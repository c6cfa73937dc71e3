using System.Security.Cryptography;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator.State;

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>GENERAL AUTHENTICATE with the management key, and SET MANAGEMENT KEY.</summary>
internal static class ManagementKeyCommands
{
    public const byte Reference = 0x9B;

    private const byte AnyTripleDes = 0x00;
    private const byte WitnessTag = 0x80;
    private const byte ChallengeTag = 0x81;
    private const byte ResponseTag = 0x82;
    private const byte NoTouch = 0xFF;
    private const byte AlwaysTouch = 0xFE;
    private const byte CachedTouch = 0xFD;

    // SP 800-73-4 Part 2 §3.2.4 and Appendix A.1, A.2: mutual by witness and challenge, or the host alone by challenge.
    public static CardAnswer Authenticate(CardContext card, in CommandApdu command)
    {
        CardManagementKey key = card.State.Management;
        if (command.P1 != (byte)key.Algorithm && !(command.P1 == AnyTripleDes && key.Algorithm == PivAlgorithm.TripleDes))
            return StatusWord.IncorrectParameters;
        BerTlvReader template = new BerTlvReader(command.Data).ReadNested(0x7C);
        ReadOnlySpan<byte> witness = default, challenge = default, response = default;
        bool hasWitness = false, hasChallenge = false, hasResponse = false;
        while (!template.IsEmpty)
        {
            ReadOnlySpan<byte> value = template.Read(out int tag);
            switch (tag)
            {
                case WitnessTag:
                    witness = value;
                    hasWitness = true;
                    break;
                case ChallengeTag:
                    challenge = value;
                    hasChallenge = true;
                    break;
                case ResponseTag:
                    response = value;
                    hasResponse = true;
                    break;
                default:
                    return StatusWord.IncorrectData;
            }
        }
        card.Session.ManagementAuthenticated = false;
        if (hasWitness && witness.IsEmpty)
            return MakeWitness(card, key);
        if (hasWitness && hasChallenge && challenge.Length == key.BlockSize)
            return Admit(card, key, card.Session.TakeWitness(witness), challenge);
        if (hasChallenge && challenge.IsEmpty)
            return MakeChallenge(card, key);
        if (hasResponse && !hasWitness && !hasChallenge)
            return Admit(card, key, card.Session.TakeResponse(response), challenge: default);
        return StatusWord.IncorrectData;
    }

    /// <summary>A YubiKey's command: cipher, 9B, length, key; P2 says whether its use wants a touch.</summary>
    public static CardAnswer Set(CardContext card, in CommandApdu command)
    {
        if (!card.Session.ManagementAuthenticated)
            return StatusWord.SecurityStatusNotSatisfied;
        TouchPolicy? touch = command.P2 switch
        {
            NoTouch => TouchPolicy.Never,
            AlwaysTouch => TouchPolicy.Always,
            CachedTouch => TouchPolicy.Cached,
            _ => null,
        };
        if (command.P1 != 0xFF || touch is null)
            return StatusWord.IncorrectParameters;
        if (command.Data.Length < 3 || command.Data[1] != Reference || command.Data[2] != command.Data.Length - 3)
            return StatusWord.IncorrectData;
        var algorithm = (PivAlgorithm)command.Data[0];
        ReadOnlySpan<byte> key = command.Data[3..];
        if (!card.State.Profile.SupportsManagementCipher(algorithm)
            || key.Length != ManagementCipher.KeySize(algorithm) || ManagementCipher.IsWeak(algorithm, key))
            return StatusWord.IncorrectData;
        card.State.PutManagementKey(new CardManagementKey(algorithm, key, touch.Value));
        return StatusWord.Success;
    }

    private static CardAnswer MakeWitness(CardContext card, CardManagementKey key)
    {
        byte[] witness = RandomNumberGenerator.GetBytes(key.BlockSize);
        card.Session.ExpectWitness(witness);
        return Template(WitnessTag, key.Encrypt(witness));
    }

    private static CardAnswer MakeChallenge(CardContext card, CardManagementKey key)
    {
        byte[] challenge = RandomNumberGenerator.GetBytes(key.BlockSize);
        card.Session.ExpectResponse(key.Encrypt(challenge));
        return Template(ChallengeTag, challenge);
    }

    private static CardAnswer Admit(CardContext card, CardManagementKey key, bool proven, ReadOnlySpan<byte> challenge)
    {
        if (!proven || !card.Touch.Pass(key.TouchPolicy, Reference, card.Removed))
            return StatusWord.SecurityStatusNotSatisfied;
        card.Session.ManagementAuthenticated = true;
        return challenge.IsEmpty ? StatusWord.Success : Template(ResponseTag, key.Encrypt(challenge));
    }

    private static CardAnswer Template(int tag, byte[] value) =>
        CardAnswer.Ok(BerTlvWriter.Encode(0x7C, BerTlvWriter.Encode(tag, value)));
}
