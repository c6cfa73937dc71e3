using System.Globalization;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Terminal.Profiles;

/// <summary>A person's vault, opened by a token of theirs, and the engine over it. Disposing ends the engine and lets go of the token.</summary>
internal sealed class PersonProfile : IAsyncDisposable
{
    private readonly TokenBroker _broker;
    private readonly ChatClient _client;
    private readonly SimulatedCard? _simulated;

    private PersonProfile(ChatClient client, TokenBroker broker, SimulatedCard? simulated)
    {
        _client = client;
        _broker = broker;
        _simulated = simulated;
    }

    /// <summary>Where the vault is if nobody says otherwise: hwchat/vault in $XDG_DATA_HOME, or in ~/.local/share.</summary>
    public static string DefaultVault
    {
        get
        {
            string data = Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } given && Path.IsPathFullyQualified(given)
                ? given
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".local", "share");
            return Path.Combine(data, "hwchat", "vault");
        }
    }

    /// <summary>Opens it for a desk: asks for the token, its PIN and perhaps a touch, and connects.</summary>
    /// <param name="vault">The vault's file.</param>
    /// <param name="choice">serial:N or sim:NAME; null for whichever token opens the vault.</param>
    /// <param name="touch">The button of a simulated token.</param>
    /// <param name="desk">Asks, and is given the engine.</param>
    /// <param name="tell">Takes what the person should know meanwhile.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="VaultException">The file cannot be opened, or not by that token.</exception>
    public static async Task<PersonProfile> OpenAsync(string vault, string? choice, SimulatedTouch touch, Desk desk, Action<string> tell, CancellationToken cancel)
    {
        using LockedVault locked = LockedVault.Open(vault);
        SimulatedCard? simulated = null;
        if (choice?.StartsWith("sim:", StringComparison.Ordinal) == true)
            simulated = new SimulatedCardStore(SimulatedCardStore.DefaultFolder).Open(choice[4..], touch);
        TokenBroker? broker = null;
        ChatClient? client = null;
        try
        {
            (IToken token, TokenId id) = simulated is null
                ? await WaitForTokenAsync(locked, choice, tell, cancel)
                : await IdentifiedAsync(await PivToken.OpenAsync(() => new SimulatedCardChannel(simulated), null, cancel), cancel);
            broker = new TokenBroker(token, desk);
            desk.UseToken(broker);
            if (locked.FindWrapping(id) is null)
                throw new CommandException($"that token does not open this vault; these do: {string.Join(", ", Names(locked))}");
            Vault opened = await broker.UseAsync("open the vault", (used, pin) => locked.UnlockAsync(used, id, pin, MessageText.Searched, cancel), cancel);
            CommunityPin? community = opened.Read(CommunityPin.Load);
            if (community is null)
            {
                opened.Dispose();
                throw new CommandException("this vault belongs to no community yet: enrol first");
            }
            client = ChatClient.Start(community, id, opened, broker, desk.Take, TimeProvider.System);
            var profile = new PersonProfile(client, broker, simulated);
            desk.Begin(client);
            desk.BeginToConnect();
            return profile;
        }
        catch
        {
            if (client is not null)
                await client.DisposeAsync();
            if (broker is not null)
                await broker.DisposeAsync();
            simulated?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
        _simulated?.Dispose();
    }

    // The one that opens the vault, of all that are plugged in now or later. No driver has to be there for the face to be.
    private static async Task<(IToken Token, TokenId Id)> WaitForTokenAsync(LockedVault locked, string? choice, Action<string> tell, CancellationToken cancel)
    {
        uint? serial = choice is null ? null
            : choice.StartsWith("serial:", StringComparison.Ordinal) && uint.TryParse(choice.AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out uint given) ? given
            : throw new CommandException("a token is named as serial:N or sim:NAME");
        var driver = new PcscTokenDriver();
        string last = "";
        await foreach (TokenArrival arrival in driver.WatchAsync(cancel))
        {
            string why = arrival.Trouble is { } trouble ? $"{trouble.Message} {trouble.Hint} " : "";
            if (arrival.Trouble is null)
            {
                foreach (TokenInfo info in await driver.ListAsync(cancel))
                {
                    if (info.Problem is not null || (serial is not null && info.Serial != serial))
                        continue;
                    (IToken token, TokenId id) = await IdentifiedAsync(await driver.OpenAsync(info, cancel), cancel);
                    if (locked.FindWrapping(id) is not null)
                        return (token, id);
                    await token.DisposeAsync();
                }
            }
            string wanted = $"{why}Plug in a token that opens this vault: {string.Join(" or ", Names(locked))}. Ctrl-C gives up.";
            if (wanted != last)
                tell(wanted);
            last = wanted;
        }
        throw new OperationCanceledException(cancel);
    }

    private static async Task<(IToken Token, TokenId Id)> IdentifiedAsync(IToken token, CancellationToken cancel)
    {
        try
        {
            SlotMetadata? key = await token.GetMetadataAsync(PivSlot.Authentication, cancel);
            return (token, key is null ? default : TokenId.OfSpki(key.PublicKey.SubjectPublicKeyInfo.Span));
        }
        catch
        {
            await token.DisposeAsync();
            throw;
        }
    }

    private static IEnumerable<string> Names(LockedVault locked)
        => locked.Wrappings.Where(static wrapping => wrapping.Kind == RecipientKind.Token).Select(static wrapping => wrapping.Label.Length > 0 ? Client.Text.HarmlessText.Line(wrapping.Label, 40) : "a token without a name");
}
