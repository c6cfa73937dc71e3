using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tokens.Tests.Foreign;

/// <summary>A simulated card in the virtual reader, until disposed.</summary>
public sealed class CardInsertion : IAsyncDisposable
{
    private readonly CancellationTokenSource _pulled = new();
    private readonly VpcdLink _link;
    private readonly bool _owned;
    private readonly Task<CardFault> _running;

    internal CardInsertion(VpcdLink link, SimulatedCard card, bool owned)
    {
        (_link, Card, _owned) = (link, card, owned);
        _running = _link.RunAsync(_pulled.Token);
    }

    public SimulatedCard Card { get; }

    /// <summary>Completes when the card has left the reader.</summary>
    public Task<CardFault> Gone => _running;

    public async ValueTask DisposeAsync()
    {
        await PullAsync();
        await VirtualReader.WaitAsync(cardPresent: false);
        if (_owned)
            Card.Dispose();
        _pulled.Dispose();
    }

    /// <summary>Pulls the card out, without waiting for the reader to see it.</summary>
    internal async Task PullAsync()
    {
        await _pulled.CancelAsync();
        try
        {
            await _running;
        }
        catch (OperationCanceledException)
        {
            // It was pulled out by this very method.
        }
        _link.Dispose();
    }
}
