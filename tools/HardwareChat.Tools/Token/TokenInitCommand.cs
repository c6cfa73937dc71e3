using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>token init: a token as HardwareChat wants it. PIN and PUK of the person's own, a management key behind the PIN, keys in 9A and 9D.</summary>
internal static class TokenInitCommand
{
    private static readonly Option<string[]> Slots = new("--slot")
    {
        Description = "Make a key only in this slot; may be given again. Without it: 9A, which signs, and 9D, which unwraps.",
        HelpName = "9A|9C|9D|9E|82-95",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Touch = new("--touch") { Description = "Whether the key wants a touch. Without it: always in 9A and 9C, never elsewhere. Cannot be changed later." };
    private static readonly Option<string?> PinPolicyOption = new("--pin-policy") { Description = "Whether the key wants the PIN. Without it: always in 9C, once elsewhere. Cannot be changed later." };
    private static readonly Option<string> Algorithm = KeyAlgorithm.Option();
    private static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replace keys that are there, without asking." };
    private static readonly Option<bool> FromFactory = new("--from-factory") { Description = "PIN and PUK are still the factory's, 123456 and 12345678: use them, do not ask." };
    private static readonly Option<string?> Subject = new("--subject") { Description = "The name in the keys' certificates, such as CN=alice.", HelpName = "NAME" };

    private static readonly TimeSpan CertificateLife = TimeSpan.FromDays(20 * 365);

    public static Command Create()
    {
        Touch.AcceptOnlyFromAmong("always", "cached", "never");
        PinPolicyOption.AcceptOnlyFromAmong("once", "always", "never");
        Slots.Validators.Add(result =>
        {
            foreach (string text in result.GetValueOrDefault<string[]>() ?? [])
            {
                if (!PivSlot.TryParse(text, out PivSlot slot) || slot == PivSlot.Attestation)
                    result.AddError("--slot takes 9A, 9C, 9D, 9E, or 82 to 95.");
            }
        });
        Subject.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && !IsName(name))
                result.AddError("--subject takes an X.500 name such as CN=alice.");
        });
        var command = new Command("init", "Set up a token: PIN, PUK, management key, keys in 9A and 9D with certificates and attestations.")
        {
            Slots, Touch, PinPolicyOption, Algorithm, Overwrite, FromFactory, Subject,
        };
        PinQuestion.AddTo(command);
        PinQuestion.NewPin.AddTo(command);
        PinQuestion.Puk.AddTo(command);
        PinQuestion.NewPuk.AddTo(command);
        ManagementKeyChoice.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        NewKey[] keys = [.. Chosen(parsed).Select(slot => NewKey.For(slot, parsed.GetRequiredValue(Algorithm), parsed.GetValue(PinPolicyOption), parsed.GetValue(Touch)))];
        foreach (NewKey key in keys)
            key.ThrowIfTooNewFor(token.Info.Firmware);
        await AnnounceAsync(parsed, screen, token, keys, cancellation);

        (Pin pin, bool pinChanged, bool pukChanged) = await FactoryCodes.ReplaceAsync(parsed, screen, token, parsed.GetValue(FromFactory), cancellation);
        using (pin)
        {
            ManagementKeyMetadata management = await token.Face.GetManagementKeyMetadataAsync(cancellation);
            (Administration right, ManagementKey? current) = await ManagementKeyChoice.OpenAsync(parsed, screen, token, management, pin, cancellation);
            using ManagementKey? currentOwned = current;
            (right, string managementNow) = await ManagementKeyChoice.ChangeAsync(parsed, screen, token, management, right, pin, cancellation);
            using ManagementKey? newOwned = right.Key;
            if (managementNow != "kept")
                screen.Note(managementNow == "given" ? "The management key is changed to the one given." : "The management key is random, and kept in the token behind the PIN.");

            var made = new List<InitKeyReport>();
            foreach (NewKey key in keys)
                made.Add(await MakeAsync(parsed, screen, token, key, right, pin, cancellation));
            var report = new InitReport(TokenReport.Of(token), pinChanged, pukChanged, managementNow, made);
            screen.Result(report, ToolsJson.Default.InitReport, console =>
            {
                Table table = Screen.Table("Slot", "Key", "PIN", "Touch", "Attested", "Id");
                foreach (InitKeyReport key in made)
                    table.AddRow(Screen.Cells(key.Slot, key.Algorithm, key.PinPolicy, key.TouchPolicy, key.Attested ? "yes" : "no", key.TokenId));
                console.Write(table);
            });
            screen.Note($"{token.Spoken} is ready. A second token opens your account when this one is lost: set one up too.");
        }
    }

    private static async Task<InitKeyReport> MakeAsync(
        ParseResult parsed, Screen screen, OpenedToken token, NewKey key, Administration right, Pin pin, CancellationToken cancellation)
    {
        PivPublicKey made = await token.Face.GenerateAsync(key.Slot, key.Algorithm, key.Pin, key.Touch, right, cancellation);
        screen.Note($"Made a {KeyAlgorithm.NameOf(key.Algorithm)} key in {key.Slot}.");
        X509Certificate2? attestation = await AttestedAsync(screen, token, key.Slot, cancellation);
        using (attestation)
        {
            if (attestation is not null && !attestation.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(made.SubjectPublicKeyInfo.Span))
                throw new FailureException(ExitCode.AttestationRefused, "attestation-key-mismatch", $"the token attests another key in {key.Slot} than the one it has just made.", "use another token, and have this one looked at");
            var subject = new X500DistinguishedName(parsed.GetValue(Subject) ?? $"CN=HardwareChat {key.Slot}{(token.Info.Serial is { } serial ? $" {serial}" : "")}");
            DateTimeOffset now = DateTimeOffset.UtcNow;
            if (key.Algorithm is PivAlgorithm.EccP256 or PivAlgorithm.EccP384)
            {
                using X509Certificate2 certificate = await token.WithTouchAsync(
                    $"to sign the certificate for {key.Slot}",
                    () => token.Face.SelfSignAsync(key.Slot, subject, now.AddHours(-1), now + CertificateLife, key.Pin == PinPolicy.Never ? null : pin, right, cancellation));
            }
            else if (attestation is not null)
            {
                // Such a key signs no X.509 here; the attestation is a certificate of it too, and shows other software what is there.
                await token.Face.PutCertificateAsync(key.Slot, attestation, right, cancellation);
            }
        }
        return new InitKeyReport(
            key.Slot.ToString(),
            KeyAlgorithm.NameOf(key.Algorithm),
            key.Pin.ToString().ToLowerInvariant(),
            key.Touch.ToString().ToLowerInvariant(),
            TokenId.OfSpki(made.SubjectPublicKeyInfo.Span).ToString(),
            attestation is not null);
    }

    private static async Task<X509Certificate2?> AttestedAsync(Screen screen, OpenedToken token, PivSlot slot, CancellationToken cancellation)
    {
        try
        {
            return await token.Face.AttestAsync(slot, cancellation);
        }
        catch (PivException cannot) when (cannot is FirmwareTooOldException or PivNotFoundException)
        {
            screen.Warning($"the token does not attest the key in {slot}: a registry that wants evidence will refuse it. {PrintableText.Of(cannot.Message)}");
            return null;
        }
    }

    // What is fixed from now on is said before it is fixed; what would die is agreed to first.
    private static async Task AnnounceAsync(ParseResult parsed, Screen screen, OpenedToken token, NewKey[] keys, CancellationToken cancellation)
    {
        var dying = new List<string>();
        foreach (NewKey key in keys)
        {
            screen.Note($"{key.Slot} will hold a {KeyAlgorithm.NameOf(key.Algorithm)} key: PIN {key.Pin.ToString().ToLowerInvariant()}, touch {key.Touch.ToString().ToLowerInvariant()}; fixed once the key is made.");
            if (await HoldsKeyAsync(token.Face, key.Slot, cancellation))
                dying.Add(key.Slot.ToString());
        }
        if (dying.Count > 0)
        {
            await Question.AgreeAsync(
                screen,
                parsed.GetValue(Overwrite),
                $"{token.Spoken} holds a key in {string.Join(" and ", dying)}. It will be gone, and with it what only it opens.",
                "--overwrite",
                cancellation);
        }
    }

    private static async Task<bool> HoldsKeyAsync(IToken token, PivSlot slot, CancellationToken cancellation)
    {
        try
        {
            return await token.GetMetadataAsync(slot, cancellation) is not null;
        }
        catch (FirmwareTooOldException)
        {
            // It cannot tell of the key; a certificate is the next best sign of one.
            using X509Certificate2? certificate = await token.GetCertificateAsync(slot, cancellation);
            return certificate is not null;
        }
    }

    private static IEnumerable<PivSlot> Chosen(ParseResult parsed)
        => parsed.GetValue(Slots) is { Length: > 0 } given
            ? given.Select(text => PivSlot.TryParse(text, out PivSlot slot) ? slot : throw new InvalidOperationException("The parser let a bad --slot pass.")).Distinct()
            : [PivSlot.Authentication, PivSlot.KeyManagement];

    private static bool IsName(string name)
    {
        try
        {
            return new X500DistinguishedName(name).RawData.Length > 2;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
    }
}
