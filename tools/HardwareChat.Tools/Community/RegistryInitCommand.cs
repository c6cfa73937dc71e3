using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Simulator;
using NSec.Cryptography;

namespace HardwareChat.Tools;

/// <summary>registry init: founds the community.</summary>
internal static class RegistryInitCommand
{
    private static readonly Argument<string> Link = new("SETUP-LINK") { Description = "The link that the relay printed at its first start, in quotes." };
    private static readonly Option<FileInfo?> Roots = new("--roots") { Description = "PEM file of the attestation roots whose tokens may enrol.", HelpName = "FILE" };
    private static readonly Option<bool> Simulated = new("--allow-simulated") { Description = "Let this machine's simulated tokens enrol too: to try things, never for a real community." };
    private static readonly Option<bool> Recovery = new("--recovery-key") { Description = "Make a recovery key, to be written on paper: it appoints an admin when no admin is left who can." };

    public static Command Create()
    {
        var command = new Command("init", "Found the community of a relay that has none yet; you are its first admin.") { Link, CommunityOptions.Handle, Roots, Simulated, Recovery };
        CommunityOptions.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, CancellationToken cancellation)
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
        using RecoveryKey? paper = parsed.GetValue(Recovery) ? RecoveryKey.Generate() : null;
        await NewMember.EnterAsync(
            parsed,
            new NewMember.Terms(AsAdmin: true, AsBot: false, paper?.ToPaper()),
            (papers, broker, vault, handle) => Enrolling.FoundAsync(setup, handle, papers, broker, vault, policy, PublicOf(paper), TimeProvider.System, cancellation),
            cancellation);
    }

    private static Digest? PublicOf(RecoveryKey? paper)
    {
        if (paper is null)
            return null;
        using Key key = paper.ToKey();
        return new Digest(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }
}
