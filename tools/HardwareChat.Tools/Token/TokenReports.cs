using HardwareChat.Attestation;
using HardwareChat.Client;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tools;

// What --json prints. Names and meanings are kept: docs/OPERATIONS.md, "JSON".

/// <summary>A token that could be named with --token.</summary>
internal sealed record TokenReport(
    string Token, bool Simulated, string? Nickname, uint? Serial, string? Firmware, string? FormFactor, bool? Fips, string? Reader, string? Problem)
{
    public static TokenReport Of(TokenInfo token) => Of(token, TokenChoice.Of(token), simulated: false);

    public static TokenReport Of(OpenedToken token) => Of(token.Info, token.Name, token.IsSimulated);

    private static TokenReport Of(TokenInfo token, string name, bool simulated) => new(
        name,
        simulated,
        Nicknames.Of(token.Serial),
        token.Serial,
        token.Firmware?.ToString(),
        token.FormFactor == Attestation.FormFactor.Unknown ? null : token.FormFactor.ToString(),
        token.IsFips,
        token.Reader,
        token.Problem?.Message);
}

/// <summary>token list: what is plugged in and what is simulated; why readers cannot be seen, if so.</summary>
internal sealed record TokenListReport(IReadOnlyList<TokenReport> Tokens, string? Trouble);

/// <summary>The key in a slot.</summary>
internal sealed record SlotReport(
    string Slot, string? Algorithm, string? PinPolicy, string? TouchPolicy, bool? Generated, string? TokenId, string? CertificateSubject, DateTimeOffset? CertificateNotAfter);

/// <summary>token info.</summary>
internal sealed record TokenInfoReport(
    TokenReport Token,
    int? PinTriesLeft,
    bool? PinIsDefault,
    int? PukTriesLeft,
    bool? PukIsDefault,
    string? ManagementKeyAlgorithm,
    bool? ManagementKeyIsDefault,
    bool? ManagementKeyIsStored,
    IReadOnlyList<SlotReport> Slots);

/// <summary>What an attestation proves.</summary>
internal sealed record AttestedReport(
    string Slot, uint? Serial, string? Firmware, string? PinPolicy, string? TouchPolicy, string? FormFactor, bool? Fips, string RootName, bool RootIsKnown, string RootSha256)
{
    public static AttestedReport Of(AttestedKey key, PivSlot slot) => new(
        key.Slot is { } attested ? attested.ToString("X2", System.Globalization.CultureInfo.InvariantCulture) : slot.ToString(),
        key.Statement.Serial,
        key.Statement.Firmware?.ToString(),
        key.Statement.PinPolicy?.ToString().ToLowerInvariant(),
        key.Statement.TouchPolicy?.ToString().ToLowerInvariant(),
        key.Statement.FormFactor?.ToString(),
        key.Statement.IsFips,
        key.RootName ?? key.RootSubject,
        key.RootName is not null,
        Convert.ToHexStringLower(key.RootFingerprint.Span));
}

/// <summary>token attest.</summary>
internal sealed record AttestReport(string Token, string Slot, string? TokenId, string? File, AttestedReport? Attested);

/// <summary>A key that token init made.</summary>
internal sealed record InitKeyReport(string Slot, string Algorithm, string PinPolicy, string TouchPolicy, string TokenId, bool Attested);

/// <summary>token init.</summary>
internal sealed record InitReport(TokenReport Token, bool PinChanged, bool PukChanged, string ManagementKey, IReadOnlyList<InitKeyReport> Keys);

/// <summary>token sign.</summary>
internal sealed record SignReport(string File, string Signature, string Token, string Slot, string TokenId, string Sha256, bool Attestation);

/// <summary>token verify.</summary>
internal sealed record VerifyReport(bool Genuine, string File, string TokenId, DateTimeOffset SignedAt, string KeyCheckedBy, AttestedReport? Attested);

/// <summary>A verb that did one thing to one token.</summary>
internal sealed record DoneReport(string Token, string Done);

/// <summary>token name.</summary>
internal sealed record NameReport(uint Serial, string? Nickname);

/// <summary>One finding of token doctor: what was looked at, of which token, "ok", "note" or "bad", a stable name, the sentence, and what to do next.</summary>
internal sealed record FindingReport(string Check, string? Token, string Verdict, string Code, string Message, IReadOnlyList<string> Hints);

/// <summary>token doctor.</summary>
internal sealed record DoctorReport(bool Healthy, IReadOnlyList<FindingReport> Findings);
