namespace HardwareChat.Tokens;

/// <summary>One conversation with one card: raw command in, raw response out. The seam between PIV and what carries it.</summary>
/// <remarks>
/// PC/SC and the simulated card implement it; so do the scripted cards of the tests. Calls block and come from one thread at a time.
/// Nothing here knows PIV, chaining or 61xx.
/// </remarks>
public interface ICardChannel : IDisposable
{
    /// <summary>The reader that holds the card, as the system names it.</summary>
    string ReaderName { get; }

    /// <summary>The card's answer to reset.</summary>
    ReadOnlyMemory<byte> Atr { get; }

    /// <summary>Whether the reader carries commands and responses of extended length, as far as it says; the card may still refuse them.</summary>
    bool TakesExtendedLength { get; }

    /// <summary>Sends one command and waits for its response, which may take as long as a touch.</summary>
    /// <param name="command">An encoded command APDU. May hold a PIN: implementations neither keep, log nor quote it.</param>
    /// <param name="response">Room for the response; <see cref="Apdu.ResponseApdu.MaxEncodedLength"/> is always enough.</param>
    /// <returns>Bytes of response, the status word included.</returns>
    /// <exception cref="CardChannelException">The card was removed, was reset by another program, or did not answer.</exception>
    /// <exception cref="ArgumentException">The response does not fit.</exception>
    int Transmit(ReadOnlySpan<byte> command, Span<byte> response);

    /// <summary>Keeps other programs from the card until the returned value is disposed. Not re-entrant.</summary>
    /// <exception cref="CardChannelException">
    /// The card was removed; <see cref="CardFault.Reset"/>: another program reset it, so that applications must be selected and PINs verified
    /// anew after <see cref="Reconnect"/>; <see cref="CardFault.Busy"/>: another program holds it, and did not let go within a moment. Try again
    /// (<see cref="CardTurn"/> does).
    /// </exception>
    IDisposable BeginTransaction();

    /// <summary>
    /// Takes the conversation up again after <see cref="CardFault.Reset"/>, outside a transaction. What was selected or verified before is lost,
    /// and another card may be in the reader by now.
    /// </summary>
    /// <exception cref="CardChannelException">The card is gone or busy.</exception>
    void Reconnect();
}
