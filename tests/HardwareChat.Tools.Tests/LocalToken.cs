using HardwareChat.Attestation;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tools.Tests;

/// <summary>Simulated tokens as "token init" would leave them, but for the PIN, which is the factory's.</summary>
internal static class LocalToken
{
    private const string Folder = "sim";

    public static void Make(ToolProcess tool, string name, bool isBot)
    {
        string folder = Path.Combine(tool.Home, Folder);
        tool.Environment["HWCHAT_SIM_HOME"] = folder;
        var store = new SimulatedCardStore(folder);
        store.Create(name, FirmwareProfile.Firmware57, SimulatedCardStore.NewSerial(), []);
        using SimulatedCard card = store.Open(name, new AutomaticTouch());
        MakeKeysAsync(card, isBot).GetAwaiter().GetResult();
    }

    private static async Task MakeKeysAsync(SimulatedCard card, bool isBot)
    {
        await using PivToken token = await PivToken.OpenAsync(() => new SimulatedCardChannel(card));
        await token.GenerateAsync(PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, isBot ? TouchPolicy.Never : TouchPolicy.Always, Administration.FactoryDefault);
        await token.GenerateAsync(PivSlot.KeyManagement, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.FactoryDefault);
        if (!isBot)
            await token.GenerateAsync(PivSlot.Signature, PivAlgorithm.EccP256, PinPolicy.Always, TouchPolicy.Always, Administration.FactoryDefault);
    }
}
