using HardwareChat.Tokens.Simulator.State;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Simulator;

/// <summary>What the commands of an application work on.</summary>
/// <param name="State">What survives a loss of power.</param>
/// <param name="Session">What does not.</param>
/// <param name="Touch">Where operations wait for a touch.</param>
internal sealed record CardContext(CardState State, CardSession Session, TouchGate Touch)
{
    /// <summary>Set when the card is taken away: no touch will come.</summary>
    public CancellationToken Removed { get; set; }
}
