using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Serialization;
using HardwareChat.Protocol;

namespace HardwareChat.Tools;

/// <summary>What --json prints of a policy.</summary>
internal sealed record PolicyReport(
    ulong Version,
    string MinimumFirmware,
    string Pin,
    string Touch,
    string Evidence,
    ulong SessionHours,
    ulong RoomEntryMinutes,
    ulong KeyPackageDays,
    byte Threshold,
    string Inviters,
    string RoomOpeners,
    IReadOnlyList<string> AttestationRoots)
{
    public static PolicyReport Of(RegistryPolicy policy) => new(
        policy.Version,
        policy.MinimumFirmware.ToString(),
        Word(policy.Pin),
        Word(policy.Touch),
        Word(policy.Evidence),
        policy.SessionLifetime / 3600,
        policy.RoomEntry / 60,
        policy.KeyPackageLifetime / (24 * 3600),
        policy.Threshold,
        Word(policy.Inviters),
        Word(policy.RoomOpeners),
        [.. policy.AttestationRoots.Select(NameOf)]);

    /// <summary>The facts, with what they mean.</summary>
    [JsonIgnore]
    public IEnumerable<(string Fact, string Value)> Facts =>
    [
        ("version", $"{Version}"),
        ("minimum firmware", MinimumFirmware),
        ("9A wants the PIN", Pin),
        ("9A wants a touch", Touch),
        ("evidence is judged by", Evidence == "all" ? "every client" : "an admin who vouches"),
        ("a touch lasts", $"{SessionHours} h"),
        ("a touch opens rooms for", $"{RoomEntryMinutes} min"),
        ("key packages last", $"{KeyPackageDays} days"),
        ("admins to sign together", $"{Threshold}"),
        ("who may invite", Inviters),
        ("who may open rooms", RoomOpeners),
        .. AttestationRoots.Select(static root => ("attestation root", root)),
    ];

    /// <summary>In one line.</summary>
    [JsonIgnore]
    public string Words => string.Join(", ", Facts.Skip(1).Take(10).Select(static fact => $"{fact.Fact} {fact.Value}"));

    private static string Word<T>(T value)
        where T : struct, Enum
        => value.ToString().ToLowerInvariant();

    private static string NameOf(byte[] root)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(root);
        return PrintableText.Of(certificate.Subject);
    }
}
