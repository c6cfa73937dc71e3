namespace HardwareChat.Tokens;

/// <summary>Why a card cannot be reached. One value for each thing that a person does about it.</summary>
public enum CardFault
{
    /// <summary>The card, or the reader with it, was taken out.</summary>
    Removed,

    /// <summary>Another program reset the card, or it lost power: selection and PIN state are gone; reconnect and begin anew.</summary>
    Reset,

    /// <summary>Another program holds the card.</summary>
    Busy,

    /// <summary>The card does not answer, or answers what cannot be a response.</summary>
    NotResponding,

    /// <summary>The system has no PC/SC library.</summary>
    NotInstalled,

    /// <summary>The smart card service does not run.</summary>
    ServiceNotRunning,

    /// <summary>The smart card service refuses this user.</summary>
    NotAuthorised,

    /// <summary>There is no reader.</summary>
    NoReader,

    /// <summary>There is a reader, but no card in it.</summary>
    NoCard,

    /// <summary>A failure that the system's smart card service reports and that none of the others names.</summary>
    Other,
}

/// <summary>The card cannot be reached.</summary>
public class CardChannelException : TokenException
{
    /// <summary>A fault on the way to the card.</summary>
    /// <param name="fault">Which.</param>
    /// <param name="message">What happened, for a person.</param>
    /// <param name="hint">What to do next.</param>
    /// <param name="code">The code of the system's smart card service, or 0.</param>
    /// <param name="innerException">The cause, if another exception was it.</param>
    public CardChannelException(CardFault fault, string message, string hint, uint code = 0, Exception? innerException = null)
        : base(message, hint, innerException)
    {
        Fault = fault;
        Code = code;
    }

    /// <summary>Which fault.</summary>
    public CardFault Fault { get; }

    /// <summary>The code of the system's smart card service (SCARD_E_... or SCARD_W_...), or 0.</summary>
    public uint Code { get; }
}
