using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>What registry init and enrol have in common: a token's papers, a vault that the token opens, and a community that it is in at the end.</summary>
internal static class NewMember
{
    /// <summary>Enters, and reports it. A vault that was made in vain is taken away again.</summary>
    public static async Task EnterAsync(
        ParseResult parsed, bool asAdmin, Func<TokenPapers, TokenBroker, Vault, Handle, Task<CommunityPin>> enter, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        Handle handle = CommunityOptions.HandleOf(parsed.GetRequiredValue(CommunityOptions.Handle));
        string path = CommunityOptions.VaultOf(parsed);
        if (File.Exists(path))
            throw new FailureException(ExitCode.Input, "already-there", $"there is a vault at {PrintableText.Of(path)} already.", "one vault belongs to one community: give another with --vault FILE");
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        await RequireKeysAsync(token, asAdmin, cancellation);
        TokenPapers papers = await TokenPapers.ReadAsync(token.Face, cancellation);
        using var face = new CommunityFace(parsed, screen, token);
        token.Purpose = asAdmin ? "to found the community" : $"to enrol as {handle}";
        await using var broker = new TokenBroker(token.Face, face);
        MakeFolder(Path.GetDirectoryName(path)!);
        CommunityPin community;
        Vault vault = Vault.Create(
            path, [VaultRecipient.Token(papers.Enrolment.TokenId, PivPublicKey.FromSubjectPublicKeyInfo(papers.Enrolment.AgreementSpki.ToArray()), token.Name)], MessageText.Searched);
        try
        {
            community = await enter(papers, broker, vault, handle);
            vault.Close();
            vault.Dispose();
        }
        catch
        {
            vault.Dispose();
            foreach (string ending in (string[])["", "-wal", "-shm", ".lock", ".pid"])
                File.Delete(path + ending);
            throw;
        }
        var report = new MemberReport(handle.ToString(), papers.Enrolment.TokenId.ToString(), community.Registry.ToString(), path);
        screen.Result(report, ToolsJson.Default.MemberReport, console => console.WriteLine($"{handle} is in the community {report.Registry}."));
        string where = parsed.GetValue(CommunityOptions.Vault) is null ? "" : $" --vault {path}";
        screen.Note($"Chat with: hwchat --token {token.Name}{where}");
        screen.Warning("this token alone opens your vault: lose it, and what is in it is gone.");
    }

    private static async Task RequireKeysAsync(OpenedToken token, bool asAdmin, CancellationToken cancellation)
    {
        foreach (PivSlot slot in (PivSlot[])[PivSlot.Authentication, PivSlot.KeyManagement, .. asAdmin ? (PivSlot[])[PivSlot.Signature] : []])
        {
            if (await token.Face.GetMetadataAsync(slot, cancellation) is null)
            {
                string slots = asAdmin ? " --slot 9A --slot 9D --slot 9C" : "";
                throw new FailureException(ExitCode.SlotEmpty, "slot-empty", $"{token.Spoken} holds no key in {slot}.", $"hwchat-tools token init --token {token.Name}{slots}");
            }
        }
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows() || Directory.Exists(folder))
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

/// <summary>What --json prints of who has entered.</summary>
internal sealed record MemberReport(string Handle, string TokenId, string Registry, string Vault);
