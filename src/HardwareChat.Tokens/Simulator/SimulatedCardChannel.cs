namespace HardwareChat.Tokens.Simulator;

/// <summary>A conversation with a simulated card in this process.</summary>
/// <remarks>It does not own the card: several channels may share one, as programs share a reader.</remarks>
public sealed class SimulatedCardChannel : ICardChannel
{
    private readonly SimulatedCard _card;
    private int _powerCycle;

    /// <summary>Begins a conversation.</summary>
    public SimulatedCardChannel(SimulatedCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        _card = card;
        _powerCycle = card.PowerCycles;
        ReaderName = $"HardwareChat Simulated YubiKey {card.Serial}";
    }

    /// <inheritdoc/>
    public string ReaderName { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Atr => _card.Atr;

    /// <inheritdoc/>
    public bool TakesExtendedLength => true;

    /// <inheritdoc/>
    public int Transmit(ReadOnlySpan<byte> command, Span<byte> response)
    {
        ThrowIfLost();
        if (_card.IsHeldByAnother(this))
            throw SimulatedCard.Faulted(CardFault.Busy);
        byte[] answer = _card.Transmit(command);
        if (answer.Length > response.Length)
            throw new ArgumentException("the response does not fit", nameof(response));
        answer.CopyTo(response);
        return answer.Length;
    }

    /// <inheritdoc/>
    public IDisposable BeginTransaction()
    {
        ThrowIfLost();
        return _card.TryBegin(this) ? new Transaction(this) : throw SimulatedCard.Faulted(CardFault.Busy);
    }

    /// <inheritdoc/>
    public void Reconnect()
    {
        if (!_card.IsInserted)
            throw SimulatedCard.Faulted(CardFault.Removed);
        _powerCycle = _card.PowerCycles;
    }

    /// <summary>Ends the conversation; the card stays.</summary>
    public void Dispose() => _card.End(this);

    private void ThrowIfLost()
    {
        if (!_card.IsInserted)
            throw SimulatedCard.Faulted(CardFault.Removed);
        if (_powerCycle != _card.PowerCycles)
            throw SimulatedCard.Faulted(CardFault.Reset);
    }

    private sealed class Transaction(SimulatedCardChannel channel) : IDisposable
    {
        public void Dispose() => channel._card.End(channel);
    }
}
