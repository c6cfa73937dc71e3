using System.CommandLine;
using System.Globalization;
using HardwareChat.Client;
using HardwareChat.Protocol;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>registry audit: who did what, when, and by which key.</summary>
internal static class RegistryAuditCommand
{
    private static readonly Argument<FileInfo?> ExportedFile = new("FILE") { Description = "What registry export wrote; without it, what your vault has read.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Create()
    {
        var command = new Command("audit", "Show every statement of the registry: when, what, and who signed, after verifying all of it. Times are the relay's.") { ExportedFile };
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(ExportedFile) is { } file)
        {
            RegistryExport exported = await ExportFile.ReadAsync(file, cancellation);
            Show(new Screen(parsed), exported, ExportFile.StateOf(exported.Replay()));
            return;
        }
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        RegistryState state = opened.ReadRegistry();
        Show(opened.Screen, opened.ReadExport(), state);
    }

    private static void Show(Screen screen, RegistryExport export, RegistryState state)
    {
        RegistryLeaf[] leaves = [.. export.Items.Select(static item => RegistryLeaf.Decode(item.Leaf))];
        Dictionary<Digest, string> names = Names(state, leaves);
        AuditEntryReport[] entries = [.. leaves.Select((leaf, index) => Entry(index, leaf, state, names))];
        screen.Result(new AuditReport(state.Id.ToString(), state.Root.ToString(), entries), ToolsJson.Default.AuditReport, console =>
        {
            Table table = Screen.Table("#", "When", "What", "Signed by");
            foreach (AuditEntryReport entry in entries)
                table.AddRow(Screen.Cells($"{entry.Index}", entry.At, entry.What, string.Join(", ", entry.SignedBy)));
            console.Write(table);
        });
        screen.Note($"Verified: {state.Size} statements of the registry {state.Id}.");
    }

    // A signer is named by the hash of its key.
    private static Dictionary<Digest, string> Names(RegistryState state, RegistryLeaf[] leaves)
    {
        var names = new Dictionary<Digest, string>();
        foreach (RegistryToken token in state.Tokens.Values)
        {
            names[token.Keys.TokenId.Value] = $"{token.Handle} (9A of {TokenSubject.Short(token.Keys.TokenId)})";
            if (token.Keys.SignatureKeyHash is { } signature)
                names[signature.Value] = $"{token.Handle} (9C of {TokenSubject.Short(token.Keys.TokenId)})";
        }
        for (int i = 0; i < leaves.Length; i++)
        {
            if (leaves[i].Statement.Statement.Body is Invite invite)
                names[KeyHash.Of(invite.InviteKey.ToArray()).Value] = $"the invite of #{i}";
        }
        if (state.RecoveryKey is { } recovery)
            names[KeyHash.Of(recovery.ToArray()).Value] = "the recovery key";
        return names;
    }

    private static AuditEntryReport Entry(int index, RegistryLeaf leaf, RegistryState state, Dictionary<Digest, string> names) => new(
        index,
        DateTimeOffset.FromUnixTimeSeconds((long)leaf.AppendedAt).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        leaf.Statement.Statement.Body.Kind.ToString().ToLowerInvariant(),
        What(leaf.Statement.Statement.Body, state),
        [.. leaf.Statement.Signatures.Select(signature => names.GetValueOrDefault(signature.Signer, signature.Signer.ToString()))]);

    private static string What(StatementBody body, RegistryState state) => body switch
    {
        Genesis genesis => $"founded by {string.Join(", ", genesis.Founders.Select(static founder => founder.Handle))}{(genesis.RecoveryKey is null ? "" : ", with a recovery key")}",
        Invite invite => $"invited {(invite.Handle is { } handle ? handle.ToString() : "anybody")}{(invite.Role == Role.Bot ? " as a bot" : "")}",
        Enrol enrol => $"{enrol.Handle} enrolled {TokenSubject.Short(enrol.Token.TokenId)}",
        AddToken add => $"{add.Handle} added {TokenSubject.Short(add.Token.TokenId)}",
        Revoke revoke => $"revoked {TokenSubject.Words(state, [revoke.Token])} ({revoke.Reason.ToString().ToLowerInvariant()})",
        SignOut signOut => $"signed {TokenSubject.Words(state, [signOut.Token])} out",
        RoleChange { Role: Role.Bot } bot => $"{bot.Handle} may be in {bot.Rooms.Count} {(bot.Rooms.Count == 1 ? "room" : "rooms")}",
        RoleChange role => $"{role.Handle} became {role.Role.ToString().ToLowerInvariant()}",
        PolicyChange policy => $"policy {policy.Policy.Version}: {PolicyReport.Of(policy.Policy).Words}",
        RelayChange relay => $"the relay's key became {relay.RelayKey}",
        _ => body.Kind.ToString(),
    };
}

/// <summary>What --json prints of an audit.</summary>
internal sealed record AuditReport(string Registry, string Root, IReadOnlyList<AuditEntryReport> Statements);

/// <summary>A statement.</summary>
internal sealed record AuditEntryReport(int Index, string At, string Kind, string What, IReadOnlyList<string> SignedBy);
