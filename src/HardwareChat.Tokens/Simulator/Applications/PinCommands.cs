using HardwareChat.Tokens.Apdu;

namespace HardwareChat.Tokens.Simulator.Applications;

/// <summary>VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER and SET PIN RETRIES.</summary>
internal static class PinCommands
{
    public const byte PinReference = 0x80;
    public const byte PukReference = 0x81;
    private const byte ForgetVerification = 0xFF;

    // SP 800-73-4 Part 2 §3.2.1. No data asks for the state; P1 = FF gives a verification up.
    public static CardAnswer Verify(CardContext card, in CommandApdu command)
    {
        if (command.P2 != PinReference)
            return StatusWord.ReferencedDataNotFound;
        if (command.P1 is not (0 or ForgetVerification) || (command.P1 == ForgetVerification && command.Data.Length > 0))
            return StatusWord.IncorrectParameters;
        if (command.P1 == ForgetVerification)
        {
            card.Session.ForgetPin();
            return StatusWord.Success;
        }
        if (command.Data.IsEmpty)
            return card.Session.PinVerified ? StatusWord.Success : TriesLeft(card.State.Pin);
        if (command.Data.Length != ReferenceValue.Length)
            return StatusWord.IncorrectData;
        card.Session.ForgetPin();
        if (!Try(card, card.State.Pin, command.Data))
            return TriesLeft(card.State.Pin);
        card.Session.AcceptPin();
        return StatusWord.Success;
    }

    // SP 800-73-4 Part 2 §3.2.2: the old value, then the new one.
    public static CardAnswer Change(CardContext card, in CommandApdu command)
    {
        ReferenceValue? target = command.P2 switch
        {
            PinReference => card.State.Pin,
            PukReference => card.State.Puk,
            _ => null,
        };
        if (target is null)
            return StatusWord.ReferencedDataNotFound;
        return Replace(card, command, authority: target, target);
    }

    // SP 800-73-4 Part 2 §3.2.3: the PUK, then the new PIN.
    public static CardAnswer Unblock(CardContext card, in CommandApdu command)
    {
        if (command.P2 != PinReference)
            return StatusWord.ReferencedDataNotFound;
        return Replace(card, command, authority: card.State.Puk, target: card.State.Pin);
    }

    // A YubiKey's command: tries for PIN (P1) and PUK (P2). Both values become the default ones.
    public static CardAnswer SetRetries(CardContext card, in CommandApdu command)
    {
        if (!card.Session.ManagementAuthenticated || !card.Session.PinVerified)
            return StatusWord.SecurityStatusNotSatisfied;
        if (command.P1 == 0 || command.P2 == 0)
            return StatusWord.IncorrectParameters;
        card.State.ResetReferences(command.P1, command.P2);
        card.Session.ForgetPin();
        return StatusWord.Success;
    }

    private static CardAnswer Replace(CardContext card, in CommandApdu command, ReferenceValue authority, ReferenceValue target)
    {
        if (command.P1 != 0)
            return StatusWord.IncorrectParameters;
        if (command.Data.Length != 2 * ReferenceValue.Length)
            return StatusWord.IncorrectData;
        ReadOnlySpan<byte> replacement = command.Data[ReferenceValue.Length..];
        // The old value is judged first, so that hosts can block a card with values that are no PINs before they reset it.
        if (!Try(card, authority, command.Data[..ReferenceValue.Length]))
            return TriesLeft(authority);
        if (!ReferenceValue.IsWellFormed(replacement))
            return StatusWord.IncorrectData;
        target.Replace(replacement);
        return StatusWord.Success;
    }

    private static bool Try(CardContext card, ReferenceValue value, ReadOnlySpan<byte> candidate)
    {
        card.State.IsDirty = true;
        return value.Try(candidate);
    }

    private static StatusWord TriesLeft(ReferenceValue value) =>
        value.IsBlocked ? StatusWord.AuthenticationMethodBlocked : StatusWord.WithRetriesLeft(value.Remaining);
}
