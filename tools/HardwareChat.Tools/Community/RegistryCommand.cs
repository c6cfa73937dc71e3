using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Simulator;
using Spectre.Console;

namespace HardwareChat.Tools;

/// <summary>registry: the community's list of who is who.</summary>
internal static class RegistryCommand
{
    private static readonly Argument<string> Link = new("SETUP-LINK") { Description = "The link that the relay printed at its first start, in quotes." };
    private static readonly Option<FileInfo?> Roots = new("--roots") { Description = "PEM file of the attestation roots whose tokens may enrol.", HelpName = "FILE" };
    private static readonly Option<bool> Simulated = new("--allow-simulated") { Description = "Let this machine's simulated tokens enrol too: to try things, never for a real community." };

    public static Command Create()
    {
        var init = new Command("init", "Found the community of a relay that has none yet; you are its first admin.") { Link, CommunityOptions.Handle, Roots, Simulated };
        CommunityOptions.AddTo(init);
        init.SetAction(InitAsync);
        var show = new Command("show", "Show who is who, from your vault and without a connection, after verifying every statement anew.");
        CommunityOptions.AddTo(show);
        show.SetAction(ShowAsync);
        return new Command("registry", "The community's list of who is who.") { init, show };
    }

    private static async Task InitAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using InviteLink setup = CommunityOptions.LinkOf(parsed.GetRequiredValue(Link));
        var roots = new List<byte[]>();
        if (parsed.GetValue(Roots) is { } file)
            roots.AddRange((await AttestationChain.ReadRootsAsync(file, cancellation)).Roots.Select(static root => root.Encoded.ToArray()));
        if (parsed.GetValue(Simulated))
        {
            using SimulatedAttestationRoot root = SimulateCommand.OpenStore().OpenRoot();
            roots.Add(root.Certificate.RawData);
            new Screen(parsed).Warning("simulated tokens may enrol: whoever reads their files is who they are.");
        }
        if (roots.Count == 0)
            throw new FailureException(ExitCode.Usage, "usage", "no attestation root is given, so no token could enrol.", "--roots FILE names the roots of the tokens' maker", "--allow-simulated lets simulated tokens in, to try things");
        var policy = new RegistryPolicy { Version = 0, AttestationRoots = roots };
        await NewMember.EnterAsync(
            parsed, asAdmin: true, (papers, broker, vault, handle) => Enrolling.FoundAsync(setup, handle, papers, broker, vault, policy, null, TimeProvider.System, cancellation), cancellation);
    }

    private static async Task ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using OpenedVault opened = await OpenedVault.OpenAsync(parsed, cancellation);
        var follower = new RegistryFollower(opened.Community.Registry, opened.Community.Pinned);
        if (!opened.Vault.Read(follower.Load))
            throw new FailureException(ExitCode.Refused, "registry-refused", "the registry in this vault does not verify.");
        RegistryState state = follower.State;
        var people = state.Users.Values.OrderBy(static user => user.Handle).Select(user => new PersonReport(
            user.Handle.ToString(),
            user.Role.ToString().ToLowerInvariant(),
            [.. user.Tokens.Select(id => new PersonTokenReport(id.ToString(), state.Token(id)?.RevokedAt is not null))])).ToList();
        var report = new RegistryReport(state.Id.ToString(), state.Size, state.Root.ToString(), people);
        opened.Screen.Result(report, ToolsJson.Default.RegistryReport, console =>
        {
            Table table = Screen.Table("Handle", "Role", "Token", "State");
            foreach (PersonReport person in people)
            {
                foreach (PersonTokenReport token in person.Tokens)
                    table.AddRow(Screen.Cells(person.Handle, person.Role, token.TokenId, token.Revoked ? "revoked" : "good"));
            }
            console.Write(table);
        });
        opened.Screen.Note($"Verified: {state.Size} statements of the registry {state.Id}, as far as this vault has read.");
    }
}

/// <summary>What --json prints of the registry.</summary>
internal sealed record RegistryReport(string Registry, ulong Size, string Root, IReadOnlyList<PersonReport> People);

/// <summary>A person of the registry.</summary>
internal sealed record PersonReport(string Handle, string Role, IReadOnlyList<PersonTokenReport> Tokens);

/// <summary>A token of a person.</summary>
internal sealed record PersonTokenReport(string TokenId, bool Revoked);
