using System.CommandLine;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tools;

/// <summary>A simulated token that this process has, and that "simulate touch" can reach.</summary>
internal sealed class SimulatedTokenInUse : IAsyncDisposable
{
    private readonly TouchSocket _touches;

    private SimulatedTokenInUse(SimulatedCard card, TouchSocket touches)
    {
        Card = card;
        _touches = touches;
    }

    public SimulatedCard Card { get; }

    /// <summary>Opens the token, asking for its pass phrase if it is sealed.</summary>
    public static async Task<SimulatedTokenInUse> OpenAsync(
        ParseResult parsed, Screen screen, string name, PersonTouch touch, CancellationToken cancellation)
    {
        SimulatedCardStore store = SimulateCommand.OpenStore();
        using SecretLine? passphrase = store.Describe(name).IsSealed
            ? await Passphrase.ReadAsync(parsed, screen, name, cancellation)
            : null;
        SimulatedCard card = store.Open(name, touch, passphrase is null ? [] : passphrase.Span);
        try
        {
            return new SimulatedTokenInUse(card, store.ListenForTouches(name, touch.Button));
        }
        catch
        {
            card.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _touches.DisposeAsync();
        Card.Dispose();
    }
}
