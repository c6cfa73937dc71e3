using System.CommandLine;
using System.Net.Sockets;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tools;

/// <summary>simulate serve NAME: puts the simulated token into a virtual reader, where PC/SC programs meet it as a card.</summary>
internal static class SimulateServeCommand
{
    private static readonly Option<string> Vpcd = new("--vpcd")
    {
        Description = "Where the virtual reader (vsmartcard's vpcd) listens. Keep it inside this machine: PINs pass unencrypted.",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => $"localhost:{VpcdLink.DefaultPort}",
    };

    public static Command Create()
    {
        Argument<string> name = SimulateCommand.ExistingName();
        Vpcd.Validators.Add(result =>
        {
            if (!TryParse(result.GetValueOrDefault<string>(), out _, out _))
                result.AddError("--vpcd takes HOST:PORT.");
        });
        var command = new Command("serve", "Put a simulated token into a virtual reader until Ctrl-C. Touch it with the key t, or with \"simulate touch\".") { name, Vpcd, PersonTouch.Automatic };
        Passphrase.Option.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(parsed, parsed.GetRequiredValue(name), cancellation));
        return command;
    }

    private static async Task RunAsync(ParseResult parsed, string name, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        if (!TryParse(parsed.GetRequiredValue(Vpcd), out string host, out int port))
            throw new InvalidOperationException("The parser let a bad --vpcd pass.");
        using var touch = new PersonTouch(screen, "sim:" + name, parsed.GetValue(PersonTouch.Automatic));
        await using SimulatedTokenInUse token = await SimulatedTokenInUse.OpenAsync(parsed, screen, name, touch, cancellation);
        using VpcdLink link = await ConnectAsync(host, port, token.Card, cancellation);
        screen.Note($"sim:{name} (serial {token.Card.Serial}) is in the virtual reader at {host}:{port}. Ctrl-C takes it out.");
        Task<CardFault> serving = link.RunAsync(cancellation);
        CardFault end;
        try
        {
            end = await serving;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            screen.Note($"sim:{name} is out of the reader.");
            return;
        }
        throw new FailureException(ExitCode.NoToken, "reader-gone", $"the virtual reader at {host}:{port} closed the connection ({end}).", "see whether pcscd still runs, then serve again");
    }

    private static async Task<VpcdLink> ConnectAsync(string host, int port, SimulatedCard card, CancellationToken cancellation)
    {
        try
        {
            return await VpcdLink.ConnectAsync(host, port, card, cancellation);
        }
        catch (SocketException unreachable)
        {
            throw new FailureException(
                ExitCode.NoReaderService,
                "no-virtual-reader",
                $"no virtual reader listens at {host}:{port} ({unreachable.SocketErrorCode}).",
                unreachable,
                "install vsmartcard-vpcd and start pcscd; docs/OPERATIONS.md, \"A simulated token behind PC/SC\", has the configuration");
        }
    }

    private static bool TryParse(string? text, out string host, out int port)
    {
        int colon = text?.LastIndexOf(':') ?? -1;
        host = colon > 0 ? text![..colon].Trim('[', ']') : "";
        port = 0;
        return host.Length > 0 && int.TryParse(text![(colon + 1)..], out port) && port is > 0 and <= ushort.MaxValue;
    }
}
