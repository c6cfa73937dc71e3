using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>The contract on the simulated card, in process.</summary>
public sealed class SimulatedCardContractTests : PivCardContract
{
    private readonly SimulatedCard _card;

    public SimulatedCardContractTests()
    {
        using var root = SimulatedAttestationRoot.Create(TimeProvider.System.GetUtcNow());
        _card = SimulatedCard.Create(FirmwareProfile.Firmware57, 12345678, root, new AutomaticTouch());
    }

    protected override ICardChannel Connect() => new SimulatedCardChannel(_card);

    protected override void Release() => _card.Dispose();
}
