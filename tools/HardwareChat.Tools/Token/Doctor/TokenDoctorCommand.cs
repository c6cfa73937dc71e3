using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Tokens;

namespace HardwareChat.Tools;

/// <summary>token doctor: each step on the way to a token and each thing on it that makes runs fail or communities refuse it, with what to do next.</summary>
internal static class TokenDoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Find out why a token cannot be used, or would be refused.");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        var findings = new Findings();
        MachineCheck.Run(findings);
        try
        {
            await ExamineAsync(parsed, screen, findings, cancellation);
        }
        catch (Exception trouble) when (trouble is TokenException or FailureException)
        {
            findings.Bad("token", FailureWords.Of(trouble, false));
        }
        var report = new DoctorReport(findings.End == ExitCode.Done, findings.All);
        screen.Result(report, ToolsJson.Default.DoctorReport, console => findings.Draw(console));
        return (int)findings.End;
    }

    private static async Task ExamineAsync(ParseResult parsed, Screen screen, Findings findings, CancellationToken cancellation)
    {
        TokenChoice? choice = TokenDrivers.Chosen(parsed);
        if (choice?.Simulated is not null)
        {
            await using OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
            await TokenCheck.RunAsync(token, findings, cancellation);
            return;
        }
        foreach (TokenInfo info in await ReaderCheck.RunAsync(parsed, screen, findings, choice, cancellation))
        {
            await using OpenedToken token = await TokenDrivers.OpenAsync(screen, TokenDrivers.Of(parsed), info, cancellation);
            await TokenCheck.RunAsync(token, findings, cancellation);
        }
    }
}
