using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;

namespace HardwareChat.Tokens.Piv;

/// <summary>The card said no. Subclasses say what a person can do about; this class alone is an answer that none of them names.</summary>
public class PivException : TokenException
{
    /// <summary>The card's refusal.</summary>
    /// <param name="message">What happened, for a person; the status word is appended.</param>
    /// <param name="hint">What to do next.</param>
    /// <param name="status">What the card said.</param>
    public PivException(string message, string hint, StatusWord status)
        : base($"{message} ({status})", hint) => Status = status;

    /// <summary>What the card said.</summary>
    public StatusWord Status { get; }
}

/// <summary>Which of the card's two codes.</summary>
public enum PinKind
{
    /// <summary>The PIN, for daily use.</summary>
    Pin,

    /// <summary>The PUK, which unblocks the PIN.</summary>
    Puk,
}

/// <summary>The PIN or PUK was wrong.</summary>
public sealed class PinIncorrectException(PinKind kind, int retriesLeft, StatusWord status)
    : PivException(
        $"The {PinWords.Name(kind)} is wrong; {PinWords.Tries(retriesLeft)} left.",
        retriesLeft == 1 ? "One more wrong try blocks it. Stop and look it up if you are not sure." : "This is the PIV code of the token, not the FIDO or OpenPGP one.",
        status)
{
    /// <summary>Which code.</summary>
    public PinKind Kind { get; } = kind;

    /// <summary>Tries left before it is blocked; at least 1.</summary>
    public int RetriesLeft { get; } = retriesLeft;
}

/// <summary>The PIN or PUK has no try left.</summary>
public sealed class PinBlockedException(PinKind kind, StatusWord status)
    : PivException(
        $"The {PinWords.Name(kind)} is blocked: it was given wrong too often.",
        kind == PinKind.Pin
            ? "Unblock it with the PUK (pin unblock). Only if the PUK is lost too: reset the PIV application, which destroys its keys."
            : "While the PIN still works, set the number of tries anew with the management key (this sets PIN and PUK to the factory's). "
              + "Only if the PIN is blocked too: reset the PIV application, which destroys its keys.",
        status)
{
    /// <summary>Which code.</summary>
    public PinKind Kind { get; } = kind;
}

/// <summary>The operation needs the PIN, and the card has not been given it in this session.</summary>
public sealed class PinRequiredException(bool wasForgotten, StatusWord status)
    : PivException(
        wasForgotten ? "The token has forgotten the PIN: another program used it, or it was reset." : "The token wants its PIV PIN first.",
        wasForgotten ? "Give the PIN again. If it happens often, see which program uses the token besides this one." : "Give the PIN.",
        status)
{
    /// <summary>Whether the PIN had been verified in this session and the card no longer knows.</summary>
    public bool WasForgotten { get; } = wasForgotten;
}

/// <summary>The management key was wrong, or is of another algorithm than the card's.</summary>
public sealed class ManagementKeyIncorrectException(PivAlgorithm given, PivAlgorithm? expected, StatusWord status)
    : PivException(
        expected is { } algorithm && algorithm != given
            ? $"The management key is {given}, but this token's is {algorithm}."
            : $"The management key is wrong (tried as {given}).",
        "Give the token's own management key, or the PIN if the key is stored on the token. Factory keys are AES-192 from firmware 5.7 on, 3DES before.",
        status)
{
    /// <summary>The algorithm of the key that was given.</summary>
    public PivAlgorithm Given { get; } = given;

    /// <summary>The algorithm that the card names, if it does.</summary>
    public PivAlgorithm? Expected { get; } = expected;
}

/// <summary>The card took the management key, but could not prove that it has it itself: it is not the token that the key belongs to.</summary>
public sealed class ManagementKeyUnprovenException(StatusWord status)
    : PivException(
        "The card could not prove that it has the management key: it is not the token it seems to be, or something stands between.",
        "Do not use this card. Give it no PIN, and plug your own token straight into this machine.",
        status);

/// <summary>The card keeps no management key behind its PIN.</summary>
public sealed class ManagementKeyNotStoredException()
    : PivException("The token keeps no management key behind its PIN.", "Give the management key itself.", StatusWord.ReferencedDataNotFound);

/// <summary>The slot is empty, or there is no such object or application.</summary>
public sealed class PivNotFoundException(string message, string hint, StatusWord status) : PivException(message, hint, status);

/// <summary>The card has no PIV application, or it is switched off.</summary>
public sealed class PivMissingException(StatusWord status)
    : PivException("The card has no PIV application.", "Use a YubiKey with PIV enabled (ykman config usb --enable PIV), or another PIV card.", status);

/// <summary>The card's firmware does not have the feature.</summary>
public sealed class FirmwareTooOldException(string feature, FirmwareVersion required, FirmwareVersion? actual)
    : PivException(
        actual is { } version
            ? $"{feature} needs firmware {required}; this token has {version}."
            : $"{feature} needs a YubiKey with firmware {required}; this card is none.",
        "Firmware cannot be updated. Use another token, or another algorithm or policy.",
        StatusWord.InstructionNotSupported)
{
    /// <summary>What was asked.</summary>
    public string Feature { get; } = feature;

    /// <summary>The first firmware that has it.</summary>
    public FirmwareVersion Required { get; } = required;

    /// <summary>The card's firmware; <see langword="null"/> if it is no YubiKey.</summary>
    public FirmwareVersion? Actual { get; } = actual;
}

/// <summary>The card's answer is not what the standard says it must be.</summary>
public sealed class MalformedAnswerException(string what, Exception? innerException = null)
    : TokenException(
        $"The token gave an answer that cannot be read: {what}.",
        "Unplug the token and plug it in again. If it stays so, the card or its reader is broken.",
        innerException);

internal static class PinWords
{
    public static string Name(PinKind kind) => kind == PinKind.Pin ? "PIV PIN" : "PUK";

    public static string Tries(int count) => count == 1 ? "1 try is" : $"{count} tries are";
}
