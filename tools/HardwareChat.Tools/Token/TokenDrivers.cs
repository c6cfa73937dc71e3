using System.CommandLine;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tools;

/// <summary>From --token and --token-driver to an open token.</summary>
internal static class TokenDrivers
{
    /// <summary>The name of the driver that is always there.</summary>
    public const string BuiltIn = "pcsc";

    /// <summary>The name of Yubico's SDK.</summary>
    public const string Yubico = "yubico";

    /// <summary>The driver that --token-driver names.</summary>
    /// <exception cref="FailureException">This build does not have it.</exception>
    public static ITokenDriver Of(ParseResult parsed)
        => parsed.GetRequiredValue(TokenOptions.Driver) == Yubico ? OpenYubico() : new PcscTokenDriver();

    /// <summary>Opens the token that --token names, or the only one there is.</summary>
    public static async Task<OpenedToken> OpenAsync(ParseResult parsed, Screen screen, CancellationToken cancellation)
    {
        TokenName? name = parsed.GetValue(TokenOptions.Token) is { } text && TokenName.TryParse(text, out TokenName given) ? given : null;
        if (name?.Simulated is { } simulated)
            return await OpenSimulatedAsync(parsed, screen, simulated, cancellation);
        ITokenDriver driver = Of(parsed);
        TokenInfo? token;
        try
        {
            token = await ChooseAsync(driver, name, cancellation);
        }
        catch (CardChannelException) when (name is null && OnlySimulated() is not null)
        {
            // No reader service is no obstacle for whoever has a simulated token and nothing else.
            token = null;
        }
        if (token is not null)
            return new OpenedToken(screen, await driver.OpenAsync(token, cancellation), TokenName.Of(token), null, null, cancellation);
        if (OnlySimulated() is { } only)
        {
            screen.Note($"No reader holds a token; this is the simulated token sim:{only}.");
            return await OpenSimulatedAsync(parsed, screen, only, cancellation);
        }
        throw await NothingThereAsync(driver, cancellation);
    }

    private static async Task<TokenInfo?> ChooseAsync(ITokenDriver driver, TokenName? name, CancellationToken cancellation)
    {
        IReadOnlyList<TokenInfo> all = await driver.ListAsync(cancellation);
        TokenInfo[] fitting = [.. all.Where(token => name is null || name.Fits(token))];
        TokenInfo[] usable = [.. fitting.Where(token => token.Problem is null)];
        if (usable.Length == 1)
            return usable[0];
        if (usable.Length > 1)
        {
            throw new FailureException(
                ExitCode.NoToken, "token-ambiguous", $"{usable.Length} tokens are plugged in; say which.", [.. usable.Select(token => $"--token {TokenName.Of(token)}")]);
        }
        if (fitting.Length > 0)
            throw fitting[0].Problem!;
        if (name is null)
            return null;
        throw all.Count == 0
            ? await NothingThereAsync(driver, cancellation)
            : new FailureException(
                ExitCode.NoToken, "token-not-found", "the token that you named is not plugged in.", [.. all.Select(token => $"there is --token {TokenName.Of(token)}")]);
    }

    // A reader without a card and no reader at all ask for different things of the person; the watch's first news tells them apart.
    private static async Task<Exception> NothingThereAsync(ITokenDriver driver, CancellationToken cancellation)
    {
        await foreach (TokenArrival arrival in driver.WatchAsync(cancellation))
            return arrival.Trouble ?? new CardChannelException(CardFault.NoCard, "There is no token in the reader.", "Plug your token in.");
        return new CardChannelException(CardFault.NoReader, "There is no reader.", "Plug your token in.");
    }

    private static string? OnlySimulated() => SimulateCommand.Names().ToArray() is [string only] ? only : null;

    private static async Task<OpenedToken> OpenSimulatedAsync(ParseResult parsed, Screen screen, string name, CancellationToken cancellation)
    {
        string token = "sim:" + name;
        var touch = new PersonTouch(screen, token, parsed.GetValue(PersonTouch.Automatic));
        try
        {
            SimulatedTokenInUse used = await SimulatedTokenInUse.OpenAsync(parsed, screen, name, touch, cancellation);
            return new OpenedToken(screen, await PivToken.OpenAsync(() => new SimulatedCardChannel(used.Card), null, cancellation), token, touch, used, cancellation);
        }
        catch
        {
            touch.Dispose();
            throw;
        }
    }

    private static ITokenDriver OpenYubico()
        => throw new FailureException(ExitCode.Usage, "driver-not-built-in", "this build does not have the driver over Yubico's SDK.", "leave --token-driver out: the built-in driver serves YubiKeys too");
}
