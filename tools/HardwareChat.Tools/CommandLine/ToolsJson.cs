using System.Text.Json.Serialization;

namespace HardwareChat.Tools;

/// <summary>What --json prints where a run fails.</summary>
internal sealed record ErrorReport(ErrorDetail Error);

/// <summary>The failure: its stable name, the exit code, the words.</summary>
internal sealed record ErrorDetail(string Code, int Exit, string Message, IReadOnlyList<string> Hints, int? TriesLeft);

/// <summary>Every type that --json prints, in snake_case and without what is unknown.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ErrorReport))]
[JsonSerializable(typeof(SimulatedTokenReport))]
[JsonSerializable(typeof(SimulatedTokenList))]
[JsonSerializable(typeof(SimulatedTokenDetail))]
[JsonSerializable(typeof(TouchReport))]
[JsonSerializable(typeof(TokenListReport))]
[JsonSerializable(typeof(TokenInfoReport))]
[JsonSerializable(typeof(AttestReport))]
[JsonSerializable(typeof(InitReport))]
[JsonSerializable(typeof(SignReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(DoneReport))]
[JsonSerializable(typeof(NameReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(MemberReport))]
[JsonSerializable(typeof(RegistryReport))]
[JsonSerializable(typeof(InviteReport))]
[JsonSerializable(typeof(RevokeReport))]
[JsonSerializable(typeof(SignOutReport))]
[JsonSerializable(typeof(AddTokenReport))]
[JsonSerializable(typeof(RoleReport))]
[JsonSerializable(typeof(PolicyReport))]
[JsonSerializable(typeof(RegistryVerifyReport))]
[JsonSerializable(typeof(RegistryExportReport))]
[JsonSerializable(typeof(AuditReport))]
[JsonSerializable(typeof(RelayCheckReport))]
internal sealed partial class ToolsJson : JsonSerializerContext;
