namespace HardwareChat.Tokens;

/// <summary>Where the wait for a card stands that somebody else uses.</summary>
public enum CardBusyState
{
    /// <summary>The card is busy: the operation waits for it, up to <see cref="CardTurn.Patience"/>.</summary>
    Waiting,

    /// <summary>The card is free: the operation goes on.</summary>
    Free,

    /// <summary>The wait was given up: its time was over, or it was cancelled.</summary>
    GivenUp,
}

/// <summary>A change of <see cref="CardBusyState"/>. Each <see cref="CardBusyState.Waiting"/> is followed by exactly one of the others.</summary>
public sealed class CardBusyEventArgs(string reader, CardBusyState state, string? holder) : EventArgs
{
    /// <summary>The reader that holds the card; empty if it is not known yet.</summary>
    public string Reader { get; } = reader;

    /// <summary>The new state.</summary>
    public CardBusyState State { get; } = state;

    /// <summary>Who likely has the card, in words for a person ("scdaemon (process 4711)"); <see langword="null"/> if nobody comes to mind.</summary>
    public string? Holder { get; } = holder;
}
