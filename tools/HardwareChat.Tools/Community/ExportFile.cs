using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Tools;

/// <summary>A file that registry export wrote.</summary>
internal static class ExportFile
{
    // Some 3 KB a user with evidence: far more than any community has.
    private const int Longest = 256 << 20;

    /// <summary>All of it, decoded and not yet verified.</summary>
    /// <exception cref="FailureException">It is none.</exception>
    public static async Task<RegistryExport> ReadAsync(FileInfo file, CancellationToken cancellation)
    {
        if (file.Exists && file.Length > Longest)
            throw new FailureException(ExitCode.Input, "malformed", $"{PrintableText.Of(file.Name)} is longer than {Longest} bytes: it is no exported registry.");
        byte[] bytes = await File.ReadAllBytesAsync(file.FullName, cancellation);
        try
        {
            return RegistryExport.Decode(bytes);
        }
        catch (DecodeException malformed)
        {
            throw new FailureException(ExitCode.Input, "malformed", $"{PrintableText.Of(file.Name)} is no exported registry, or damaged.", malformed, "hwchat-tools registry export FILE writes one");
        }
    }

    /// <summary>The registry, every statement of which was verified.</summary>
    /// <exception cref="FailureException">It does not verify.</exception>
    public static RegistryState StateOf(RegistryReplica replica)
    {
        if (replica.IsSound)
            return replica.State;
        string why = replica switch
        {
            { Stop: { } stop } => $"statement {stop.Index} breaks a rule ({stop.Rule}{(stop.Fault is { } fault ? $", {fault}" : "")}).",
            { Fork: not null } => "the statements are others than those that the relay signed.",
            _ => "the head is not signed by the relay that the statements name, or statements are missing.",
        };
        throw new FailureException(ExitCode.Refused, "registry-refused", "the registry does not verify: " + why, "keep the file, and ask another member to compare");
    }
}
