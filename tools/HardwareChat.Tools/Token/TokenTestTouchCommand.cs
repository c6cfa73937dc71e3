using System.CommandLine;
using System.Security.Cryptography;
using HardwareChat.Attestation;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token test-touch: signs 32 random bytes under a label of its own, to see that the touch is noticed and the key works.</summary>
internal static class TokenTestTouchCommand
{
    private static readonly Option<string> Slot = SlotOption.Create("The slot whose key is tried.");

    public static Command Create()
    {
        var command = new Command("test-touch", "Try PIN, touch and key; what is signed is of no use to anybody.") { Slot };
        PinQuestion.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        PivSlot slot = SlotOption.Of(parsed, Slot);
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        SlotMetadata key = await token.Face.GetMetadataAsync(slot, cancellation) ?? throw TokenKeys.Empty(slot);
        VerifyingKey verifier = TokenKeys.SigningKey(key, slot);
        using Pin? pin = key.PinPolicy == PinPolicy.Never ? null : await PinQuestion.VerifiedAsync(parsed, screen, token, cancellation);
        byte[] random = RandomNumberGenerator.GetBytes(Digest.Size);
        byte[] signature = await token.WithTouchAsync(
            "to try it", () => token.Face.SignAsync(slot, key.Algorithm, Labelled.Bytes(Labels.TouchTest, random), pin, cancellation));
        if (!verifier.Verify(Labels.TouchTest, random, signature))
            throw new FailureException(ExitCode.TokenCannot, "signature-bad", "the token's signature does not verify under its own key.", "use another token, and have this one looked at");
        screen.Result(new DoneReport(token.Name, "touch-tested"), ToolsJson.Default.DoneReport, console => console.WriteLine(
            key.TouchPolicy == TouchPolicy.Never ? $"The key in {slot} of {token.Spoken} works; it wants no touch." : $"The touch was noticed, and the key in {slot} of {token.Spoken} works."));
    }
}
