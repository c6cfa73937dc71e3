using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Tokens;

namespace HardwareChat.Tools;

/// <summary>From the smart-card service to the tokens in its readers.</summary>
internal static class ReaderCheck
{
    /// <summary>Looks at service, readers and cards.</summary>
    /// <returns>The tokens that can be opened, of those that --token may mean.</returns>
    public static async Task<IReadOnlyList<TokenInfo>> RunAsync(
        ParseResult parsed, Screen screen, Findings findings, TokenChoice? choice, CancellationToken cancellation)
    {
        ITokenDriver driver = TokenDrivers.Of(parsed);
        IReadOnlyList<TokenInfo> all;
        try
        {
            all = await TokenDrivers.ListAsync(screen, driver, cancellation);
            findings.Ok("service", "the smart card service answers.");
            if (all.Count == 0)
                throw await TokenDrivers.NothingThereAsync(driver, cancellation);
        }
        catch (CardChannelException trouble)
        {
            FailureException failure = FailureWords.Of(trouble, false);
            string check = failure.Exit == ExitCode.NoReaderService ? "service" : "reader";
            string[] rule = failure.Code == "not-authorised" ? [Machine.PolkitRule(Environment.UserName)] : [];
            string[] simulated = [.. SimulateCommand.Names().Take(1).Select(name => $"hwchat-tools token doctor --token sim:{name} looks at the simulated token instead")];
            findings.Bad(check, failure, [.. rule, .. simulated]);
            return [];
        }
        TokenInfo[] meant = [.. all.Where(token => choice is null || choice.Fits(token))];
        if (meant.Length == 0)
        {
            findings.Bad("reader", new FailureException(
                ExitCode.NoToken, "token-not-found", "the token that you named is not plugged in.", [.. all.Select(token => $"there is --token {TokenChoice.Of(token)}")]));
        }
        foreach (TokenInfo token in meant)
        {
            findings.Token = TokenChoice.Of(token);
            if (token.Problem is { } problem)
                findings.Bad("card", FailureWords.Of(problem, false), $"it is in the reader {PrintableText.Of(token.Reader)}");
        }
        return [.. meant.Where(token => token.Problem is null)];
    }
}
