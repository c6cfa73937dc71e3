using System.CommandLine;
using HardwareChat.Attestation;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>What registry init and enrol have in common: a token's papers, a vault that the token opens, and a community that it is in at the end.</summary>
internal static class NewMember
{
    /// <summary>As what one enters.</summary>
    /// <param name="AsAdmin">The founder: with a key in 9C.</param>
    /// <param name="AsBot">A program: with a key in 9A that wants no touch.</param>
    /// <param name="RecoveryKey">The community's recovery key, to be written on paper; null for none.</param>
    internal sealed record Terms(bool AsAdmin, bool AsBot, string? RecoveryKey);

    /// <summary>Enters, and reports it. A vault that was made in vain is taken away again; one that may hold a member's is kept.</summary>
    public static async Task EnterAsync(
        ParseResult parsed, Terms terms, Func<TokenPapers, TokenBroker, Vault, Handle, Task<CommunityPin>> enter, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        Handle handle = CommunityOptions.HandleOf(parsed.GetRequiredValue(CommunityOptions.Handle));
        string path = CommunityOptions.VaultOf(parsed);
        if (File.Exists(path))
        {
            await GoOnAsync(parsed, screen, terms, handle, path, enter, cancellation);
            return;
        }
        await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        TokenPapers papers = await PapersAsync(token, terms, cancellation);
        using var face = new CommunityFace(parsed, screen, token, PinQuestion.Pin);
        token.Purpose = terms.AsAdmin ? "to found the community" : $"to enrol as {handle}";
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
            bool isPending = vault.Read(PendingEnrolment.Load) is not null;
            if (isPending)
                vault.Close();
            vault.Dispose();
            if (isPending)
                screen.Warning("the relay may have taken the enrolment. The vault is kept: the same command again finds out.");
            else
                Remove(path);
            throw;
        }
        Report(parsed, screen, terms, handle, papers, token.Name, community);
    }

    /// <summary>Refuses a token without the keys that are to be enrolled.</summary>
    /// <exception cref="FailureException">A slot is empty.</exception>
    public static async Task RequireKeysAsync(OpenedToken token, bool asAdmin, CancellationToken cancellation)
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

    // The vault of an enrolment whose end is not known yet: opened by its token, it goes on from there.
    private static async Task GoOnAsync(
        ParseResult parsed, Screen screen, Terms terms, Handle handle, string path, Func<TokenPapers, TokenBroker, Vault, Handle, Task<CommunityPin>> enter, CancellationToken cancellation)
    {
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, screen, path, cancellation);
        if (opened.Vault.Read(PendingEnrolment.Load) is not { } pending)
            throw new FailureException(ExitCode.Input, "already-there", $"there is a vault at {PrintableText.Of(path)} already.", "one vault belongs to one community: give another with --vault FILE");
        if (pending.Handle != handle)
            throw new FailureException(ExitCode.Input, "already-there", $"the vault at {PrintableText.Of(path)} is that of an enrolment as {pending.Handle}, whose end is not known.", $"finish it with --handle {pending.Handle}, or delete the vault");
        screen.Note($"An enrolment as {handle} was sent from here before; finding out whether it was taken.");
        opened.TouchIsFor($"to enrol as {handle}");
        TokenPapers papers = await opened.Broker.UseAsync("enrol", (token, _) => TokenPapers.ReadAsync(token, cancellation), cancellation);
        CommunityPin community = await enter(papers, opened.Broker, opened.Vault, handle);
        Report(parsed, screen, terms, handle, papers, opened.TokenName, community);
    }

    private static async Task<TokenPapers> PapersAsync(OpenedToken token, Terms terms, CancellationToken cancellation)
    {
        await RequireKeysAsync(token, terms.AsAdmin, cancellation);
        bool wantsTouch = (await token.Face.GetMetadataAsync(PivSlot.Authentication, cancellation))?.TouchPolicy is not TouchPolicy.Never;
        if (terms.AsBot && wantsTouch)
        {
            throw new FailureException(
                ExitCode.TokenCannot, "touch-policy", $"the key in 9A of {token.Spoken} wants a touch, which a program cannot give.", $"hwchat-tools token init --token {token.Name} --slot 9A --touch never, and --slot 9D");
        }
        return await TokenPapers.ReadAsync(token.Face, cancellation);
    }

    private static void Report(ParseResult parsed, Screen screen, Terms terms, Handle handle, TokenPapers papers, string token, CommunityPin community)
    {
        string path = CommunityOptions.VaultOf(parsed);
        var report = new MemberReport(handle.ToString(), papers.Enrolment.TokenId.ToString(), community.Registry.ToString(), path, terms.RecoveryKey);
        screen.Result(report, ToolsJson.Default.MemberReport, console =>
        {
            console.WriteLine($"{handle} is in the community {report.Registry}.");
            if (terms.RecoveryKey is { } key)
                console.WriteLine($"Recovery key: {key}");
        });
        if (terms.RecoveryKey is not null)
            screen.Note("Write the recovery key on paper, and keep it where no computer reads it: it is shown this once. When no admin is left who can sign, it appoints one: hwchat-tools role HANDLE admin --recovery-fd N");
        string vault = CommunityOptions.VaultHint(parsed);
        if (terms.AsBot)
        {
            screen.Note($"It enters no room until an admin names some: hwchat-tools role {handle} bot --room ROOM");
            return;
        }
        screen.Note($"Chat with: hwchat --token {token}{vault}");
        screen.Warning("this token alone opens your vault: lose it, and what is in it is gone.");
        screen.Note($"Add your second token now: hwchat-tools add-token --token {token} --new-token serial:N{vault}");
    }

    private static void Remove(string path)
    {
        foreach (string ending in (string[])["", "-wal", "-shm", ".lock", ".pid"])
            File.Delete(path + ending);
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows() || Directory.Exists(folder))
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}

/// <summary>What --json prints of who has entered. The recovery key is a secret.</summary>
internal sealed record MemberReport(string Handle, string TokenId, string Registry, string Vault, string? RecoveryKey);
