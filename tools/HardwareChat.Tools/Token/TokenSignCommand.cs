using System.CommandLine;
using System.Text;
using HardwareChat.Attestation;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token sign FILE: a detached signature beside the file.</summary>
internal static class TokenSignCommand
{
    /// <summary>What is put after the file's name.</summary>
    public const string Extension = ".hwsig";

    private static readonly Argument<FileInfo> FileName = new("FILE") { Description = "The file to sign." };
    private static readonly Option<string> Slot = SlotOption.Create("The slot whose key signs.");
    private static readonly Option<FileInfo?> Out = new("--out") { Description = $"Write the signature here; FILE{Extension} if not given.", HelpName = "FILE" };
    private static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replace a signature that is there." };
    private static readonly Option<bool> Attest = new("--with-attestation") { Description = "Put the key's attestation into the signature, so that --roots can verify it anywhere." };

    public static Command Create()
    {
        var command = new Command("sign", "Sign a file with a token's key.") { FileName, Slot, Out, Overwrite, Attest };
        PinQuestion.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        PivSlot slot = SlotOption.Of(parsed, Slot);
        FileInfo file = parsed.GetRequiredValue(FileName);
        string target = parsed.GetValue(Out)?.FullName ?? file.FullName + Extension;
        if (File.Exists(target) && !parsed.GetValue(Overwrite))
            throw new FailureException(ExitCode.Input, "already-there", $"there is a signature already: {PrintableText.Of(Path.GetFileName(target))}.", "--overwrite replaces it");
        await using FileStream content = file.OpenRead();

        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        SlotMetadata key = await token.Face.GetMetadataAsync(slot, cancellation) ?? throw TokenKeys.Empty(slot);
        FileStatement statement = await FileStatement.OfAsync(content, TokenKeys.SigningKey(key, slot), DateTimeOffset.UtcNow, cancellation);
        IReadOnlyList<byte[]> attestation = parsed.GetValue(Attest) ? await AttestationChain.ReadAsync(token.Face, slot, cancellation) : [];
        using Pin? pin = key.PinPolicy == PinPolicy.Never ? null : await PinQuestion.VerifiedAsync(parsed, screen, token, cancellation);

        byte[] message = Labelled.Bytes(Labels.File, TlsWriter.Encode(statement));
        byte[] signed = await token.WithTouchAsync(
            $"to sign {PrintableText.Of(file.Name)}", () => token.Face.SignAsync(slot, key.Algorithm, message, pin, cancellation));
        var signature = new FileSignature(statement, signed, attestation);
        if (!signature.IsGenuine())
            throw new FailureException(ExitCode.TokenCannot, "signature-bad", "the token's signature does not verify under its own key; nothing was written.", "use another token, and have this one looked at");
        await using (var stream = new FileStream(target, parsed.GetValue(Overwrite) ? FileMode.Create : FileMode.CreateNew, FileAccess.Write))
            await stream.WriteAsync(Encoding.ASCII.GetBytes(signature.ToPem()), cancellation);

        var report = new SignReport(
            file.FullName, target, token.Name, slot.ToString(), TokenKeys.IdOf(statement.Key).ToString(), statement.Sha256.ToString(), attestation.Count > 0);
        screen.Result(report, ToolsJson.Default.SignReport, console => console.WriteLine($"Signed: {PrintableText.Of(Path.GetFileName(target))}, by the key {report.TokenId}."));
    }
}
