using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Tools;

/// <summary>From --token and --token-driver to an open token.</summary>
internal static class TokenDrivers
{
    /// <summary>The name of the driver that is always there.</summary>
    public const string BuiltIn = "pcsc";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The name of Yubico's SDK.</summary>
    public const string Yubico = "yubico";

    /// <summary>The driver that --token-driver names.</summary>
    /// <exception cref="FailureException">This build does not have it.</exception>
    public static ITokenDriver Of(ParseResult parsed)
        => parsed.GetRequiredValue(TokenOptions.Driver) == Yubico ? OpenYubico() : new PcscTokenDriver();

    /// <summary>What --token says; null if it is not given.</summary>
    /// <exception cref="FailureException">It is a nickname that no token has.</exception>
    public static TokenChoice? Chosen(ParseResult parsed) => Chosen(parsed, TokenOptions.Token);

    /// <summary>What another option says about a token; null if it is not given.</summary>
    /// <exception cref="FailureException">It is a nickname that no token has.</exception>
    public static TokenChoice? Chosen(ParseResult parsed, Option<string?> option)
        => parsed.GetValue(option) is { } text && TokenChoice.TryParse(text, out TokenChoice given) ? Resolved(given) : null;

    /// <summary>Opens the token that --token names, or the only one there is.</summary>
    public static Task<OpenedToken> OpenAsync(ParseResult parsed, Screen screen, CancellationToken cancellation)
        => OpenAsync(parsed, screen, Chosen(parsed), cancellation);

    /// <summary>Opens the token of this choice, or the only one there is.</summary>
    public static async Task<OpenedToken> OpenAsync(ParseResult parsed, Screen screen, TokenChoice? name, CancellationToken cancellation)
    {
        if (name?.Simulated is { } simulated)
            return await OpenSimulatedAsync(parsed, screen, simulated, cancellation);
        ITokenDriver driver = Of(parsed);
        TokenInfo? token;
        try
        {
            token = await ChooseAsync(screen, driver, name, cancellation);
        }
        catch (CardChannelException absent) when (
            name is null && OnlySimulated() is not null && FailureWords.Of(absent, false).Code is "no-pcsc-library" or "service-not-installed" or "no-reader-service")
        {
            // No reader service is no obstacle for whoever has a simulated token and nothing else. A token that is there but cannot be used is.
            token = null;
        }
        if (token is not null)
            return await OpenAsync(screen, driver, token, cancellation);
        if (OnlySimulated() is { } only)
        {
            screen.Note($"No reader holds a token; this is the simulated token sim:{only}.");
            return await OpenSimulatedAsync(parsed, screen, only, cancellation);
        }
        throw await NothingThereAsync(driver, cancellation);
    }

    /// <summary>Opens a token that the driver has listed.</summary>
    public static async Task<OpenedToken> OpenAsync(Screen screen, ITokenDriver driver, TokenInfo token, CancellationToken cancellation)
        => new(screen, await SayIfItTakesLongAsync(screen, driver.OpenAsync(token, cancellation)), TokenChoice.Of(token), null, null, cancellation);

    /// <summary>The tokens that the driver sees.</summary>
    public static Task<IReadOnlyList<TokenInfo>> ListAsync(Screen screen, ITokenDriver driver, CancellationToken cancellation)
        => SayIfItTakesLongAsync(screen, driver.ListAsync(cancellation));

    private static TokenChoice Resolved(TokenChoice given) => given.Resolved()
        ?? throw new FailureException(
            ExitCode.NoToken, "token-not-found", $"no token is called {given.Nickname}.", "hwchat-tools token name SERIAL NICKNAME gives a token a name", "hwchat-tools token list shows those there are");

    // Another program's transaction keeps this one waiting, without a word from the service.
    private static async Task<T> SayIfItTakesLongAsync<T>(Screen screen, Task<T> work)
    {
        if (await Task.WhenAny(work, Task.Delay(Patience)) != work)
            screen.Note("Waiting for a token that another program is using; perhaps that one waits for a touch.");
        return await work;
    }

    private static async Task<TokenInfo?> ChooseAsync(Screen screen, ITokenDriver driver, TokenChoice? name, CancellationToken cancellation)
    {
        IReadOnlyList<TokenInfo> all = await ListAsync(screen, driver, cancellation);
        TokenInfo[] fitting = [.. all.Where(token => name is null || name.Fits(token))];
        TokenInfo[] usable = [.. fitting.Where(token => token.Problem is null)];
        if (usable.Length == 1)
            return usable[0];
        if (usable.Length > 1)
        {
            throw new FailureException(
                ExitCode.NoToken, "token-ambiguous", $"{usable.Length} tokens are plugged in; say which.", [.. usable.Select(token => $"--token {TokenChoice.Of(token)}")]);
        }
        if (fitting.Length > 0)
            throw fitting[0].Problem!;
        if (name is null)
            return null;
        throw all.Count == 0
            ? await NothingThereAsync(driver, cancellation)
            : new FailureException(
                ExitCode.NoToken, "token-not-found", "the token that you named is not plugged in.", [.. all.Select(token => $"there is --token {TokenChoice.Of(token)}")]);
    }

    /// <summary>Why there is no token: a reader without a card and no reader at all ask for different things of the person.</summary>
    public static async Task<Exception> NothingThereAsync(ITokenDriver driver, CancellationToken cancellation)
    {
        if (driver is PcscTokenDriver && (await Task.Run(Readers, cancellation)).Count == 0)
            return new CardChannelException(CardFault.NoReader, "There is no card reader, and no token.", "Plug your token in. In a container or a virtual machine, pass the USB device through first.");
        return new CardChannelException(CardFault.NoCard, "There is no token in the reader.", "Plug your token in.");
    }

    private static IReadOnlyList<string> Readers()
    {
        using PcscContext context = PcscContext.Establish();
        return context.ListReaders();
    }

    private static string? OnlySimulated() => SimulateCommand.Names().ToArray() is [string only] ? only : null;

    private static async Task<OpenedToken> OpenSimulatedAsync(ParseResult parsed, Screen screen, string name, CancellationToken cancellation)
    {
        string token = "sim:" + name;
        var touch = new PersonTouch(screen, token, parsed.GetValue(PersonTouch.Automatic));
        SimulatedTokenInUse? used = null;
        try
        {
            used = await SimulatedTokenInUse.OpenAsync(parsed, screen, name, touch, cancellation);
            return new OpenedToken(screen, await PivToken.OpenAsync(() => new SimulatedCardChannel(used.Card), null, cancellation), token, touch, used, cancellation);
        }
        catch
        {
            if (used is not null)
                await used.DisposeAsync();
            touch.Dispose();
            throw;
        }
    }

#if YUBICO_SDK
    private static HardwareChat.Tokens.Yubico.YubicoTokenDriver OpenYubico() => new();
#else
    private static ITokenDriver OpenYubico()
        => throw new FailureException(ExitCode.Usage, "driver-not-built-in", "this build does not have the driver over Yubico's SDK.", "leave --token-driver out: the built-in driver serves YubiKeys too");
#endif
}
