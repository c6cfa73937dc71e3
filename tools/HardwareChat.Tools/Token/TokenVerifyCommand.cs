using System.CommandLine;
using System.Security.Cryptography;
using HardwareChat.Attestation;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token verify FILE: whether a signature is of these bytes, by the key that is expected.</summary>
/// <remarks>A signature by any key at all proves nothing, so there is no way to leave the expected key out.</remarks>
internal static class TokenVerifyCommand
{
    private static readonly Argument<FileInfo> FileName = new("FILE") { Description = "The file that was signed." };
    private static readonly Option<FileInfo?> Signature = new("--signature") { Description = $"Its signature; FILE{TokenSignCommand.Extension} if not given.", HelpName = "FILE" };
    private static readonly Option<FileInfo?> Key = new("--key") { Description = "The expected key: a PEM file with a public key or a certificate. If not given, and no --roots or --id: the token's.", HelpName = "PEM" };
    private static readonly Option<string?> Id = new("--id") { Description = "The expected key's id, 64 hexadecimal digits, as sign and info print it.", HelpName = "HEX" };
    private static readonly Option<string> Slot = SlotOption.Create("The slot of the token's key, where that is the expected one.");

    public static Command Create()
    {
        var command = new Command("verify", "Verify a file's signature.") { FileName, Signature, Key, Id, TokenAttestCommand.Roots, Slot };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        FileInfo file = parsed.GetRequiredValue(FileName);
        FileInfo signatureFile = parsed.GetValue(Signature) ?? new FileInfo(file.FullName + TokenSignCommand.Extension);
        FileSignature signature = FileSignature.FromPem(await SmallFile.ReadAsync(signatureFile, FileSignature.LongestFile, cancellation));
        (string checkedBy, AttestedKey? attested) = await CheckKeyAsync(parsed, screen, signature, cancellation);
        if (!signature.IsGenuine())
            throw new FailureException(ExitCode.Refused, "signature-bad", "the signature does not verify: it, or what it says of the file, was changed.");
        await using FileStream content = file.OpenRead();
        FileStatement now = await FileStatement.OfAsync(content, signature.Statement.Key, DateTimeOffset.UtcNow, cancellation);
        if (!now.IsOfSameBytes(signature.Statement))
            throw new FailureException(ExitCode.Refused, "file-changed", $"{PrintableText.Of(file.Name)} is not what was signed: its bytes have changed.");

        var report = new VerifyReport(
            true,
            file.FullName,
            TokenKeys.IdOf(signature.Statement.Key).ToString(),
            signature.Statement.SignedAtTime,
            checkedBy,
            attested is null ? null : AttestedReport.Of(attested, PivSlot.Authentication));
        screen.Result(report, ToolsJson.Default.VerifyReport, console =>
        {
            console.WriteLine($"Genuine: {PrintableText.Of(file.Name)} was signed by {report.TokenId}, {checkedBy}.");
            console.WriteLine($"When, by the signer's own clock: {report.SignedAt:u}.");
            if (report.Attested is { } proved)
                TokenAttestCommand.Draw(console, proved, report.TokenId);
        });
    }

    // Which key, before whether it signed: a good signature by the wrong key is the more telling failure.
    private static async Task<(string CheckedBy, AttestedKey? Attested)> CheckKeyAsync(
        ParseResult parsed, Screen screen, FileSignature signature, CancellationToken cancellation)
    {
        VerifyingKey key = signature.Statement.Key;
        AttestedKey? attested = null;
        var checkedBy = new List<string>();
        if (parsed.GetValue(TokenAttestCommand.Roots) is { } roots)
        {
            TrustAnchors anchors = await AttestationChain.ReadRootsAsync(roots, cancellation);
            attested = AttestationChain.Verify(signature.Attestation, anchors, AttestationRequirement.None with { SubjectPublicKeyInfo = key.ToSpki() });
            checkedBy.Add("attested");
        }
        if (parsed.GetValue(Id) is { } id)
        {
            Expect(string.Equals(id, TokenKeys.IdOf(key).ToString(), StringComparison.OrdinalIgnoreCase));
            checkedBy.Add("the id given");
        }
        if (parsed.GetValue(Key) is { } file)
        {
            Expect(ReadKey(await SmallFile.ReadAsync(file, SmallFile.LongestPem, cancellation)).Equals(key));
            checkedBy.Add($"the key in {PrintableText.Of(file.Name)}");
        }
        if (checkedBy.Count == 0)
        {
            PivSlot slot = SlotOption.Of(parsed, Slot);
            await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
            SlotMetadata held = await token.Face.GetMetadataAsync(slot, cancellation) ?? throw TokenKeys.Empty(slot);
            Expect(TokenKeys.SigningKey(held, slot).Equals(key));
            checkedBy.Add($"the key in {slot} of {token.Spoken}");
        }
        return (string.Join(", ", checkedBy), attested);
    }

    private static void Expect(bool same)
    {
        if (!same)
        {
            throw new FailureException(
                ExitCode.Refused, "other-key", "the signature is by another key than the expected one.", "--key PEM, --id HEX or --token say which key is expected");
        }
    }

    private static VerifyingKey ReadKey(string pem)
    {
        if (!PemEncoding.TryFind(pem, out PemFields fields))
            throw new FailureException(ExitCode.Input, "malformed", "the file of --key is not PEM.");
        byte[] der = Convert.FromBase64String(pem[fields.Base64Data]);
        return pem[fields.Label] switch
        {
            "PUBLIC KEY" => VerifyingKey.FromSpki(der),
            "CERTIFICATE" => VerifyingKey.FromSpki(AttestationCertificate.Parse(der).SubjectPublicKeyInfo.Span),
            _ => throw new FailureException(ExitCode.Input, "malformed", "the file of --key holds neither a public key nor a certificate."),
        };
    }
}
