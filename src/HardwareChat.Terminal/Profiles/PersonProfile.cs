using System.Globalization;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Programs;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Terminal.Profiles;

/// <summary>A person's vault, opened by a token of theirs, and the engine over it. Disposing ends the engine and lets go of the token.</summary>
internal sealed class PersonProfile : IAsyncDisposable
{
    private readonly TokenBroker _broker;
    private readonly SimulatedCard? _simulated;

    private PersonProfile(ChatClient client, TokenBroker broker, SimulatedCard? simulated)
    {
        Client = client;
        _broker = broker;
        _simulated = simulated;
    }

    /// <summary>The engine, not connected yet.</summary>
    public ChatClient Client { get; }

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

    /// <summary>Opens it: asks for the token and its PIN.</summary>
    /// <param name="wish">Which vault, by which token.</param>
    /// <param name="face">Asks, and takes what the engine shows.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="VaultException">The file cannot be opened, or not by that token.</exception>
    public static async Task<PersonProfile> OpenAsync(ProfileWish wish, IProfileFace face, CancellationToken cancel)
    {
        using LockedVault locked = LockedVault.Open(wish.Vault ?? DefaultVault);
        SimulatedCard? simulated = null;
        if (wish.Token?.StartsWith("sim:", StringComparison.Ordinal) == true)
            simulated = new SimulatedCardStore(SimulatedCardStore.DefaultFolder).Open(wish.Token[4..], wish.Touch);
        TokenBroker? broker = null;
        try
        {
            (IToken token, TokenId id) = simulated is null
                ? await WaitForTokenAsync(locked, wish, face.Tell, cancel)
                : await IdentifiedAsync(await PivToken.OpenAsync(() => new SimulatedCardChannel(simulated), null, cancel), cancel);
            broker = new TokenBroker(token, face);
            face.UseToken(broker);
            if (locked.FindWrapping(id) is null)
                throw new ProgramException(FailureCode.NoToken, $"that token does not open this vault; these do: {string.Join(", ", Names(locked))}");
            Vault opened = await broker.UseAsync("open the vault", (used, pin) => locked.UnlockAsync(used, id, pin, MessageText.Searched, cancel), cancel);
            return new PersonProfile(Start(opened, id, broker, face), broker, simulated);
        }
        catch
        {
            if (broker is not null)
                await broker.DisposeAsync();
            simulated?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _broker.DisposeAsync();
        _simulated?.Dispose();
    }

    private static ChatClient Start(Vault opened, TokenId id, TokenBroker broker, IProfileFace face)
    {
        try
        {
            CommunityPin community = opened.Read(CommunityPin.Load)
                ?? throw new ProgramException(FailureCode.VaultMissing, "this vault belongs to no community yet: enrol first", "hwchat-tools enrol LINK --handle HANDLE");
            return ChatClient.Start(community, id, opened, broker, face.Take, TimeProvider.System);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    // The one that opens the vault, of all that are plugged in now or later. No driver has to be there for the face to be.
    private static async Task<(IToken Token, TokenId Id)> WaitForTokenAsync(LockedVault locked, ProfileWish wish, Action<string> tell, CancellationToken cancel)
    {
        string? choice = wish.Token;
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
            string names = string.Join(" or ", Names(locked));
            if (!wish.Waits)
                throw new ProgramException(arrival.Trouble is null ? FailureCode.NoToken : FailureCode.NoService, $"{why}no token is plugged in that opens this vault", $"plug in {names}, or name a simulated one by --token sim:NAME");
            string wanted = $"{why}Plug in a token that opens this vault: {names}. Ctrl-C gives up.";
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
        => locked.Wrappings.Where(static wrapping => wrapping.Kind == RecipientKind.Token).Select(static wrapping => wrapping.Label.Length > 0 ? HardwareChat.Client.Text.HarmlessText.Line(wrapping.Label, 40) : "a token without a name");
}

/// <summary>Which vault a person wants to open, and how.</summary>
/// <param name="Vault">Its file; null for <see cref="PersonProfile.DefaultVault"/>.</param>
/// <param name="Token">serial:N or sim:NAME; null for whichever token opens the vault.</param>
/// <param name="Touch">The button of a simulated token.</param>
/// <param name="Waits">Whether to wait for a token, if none is there.</param>
internal sealed record ProfileWish(string? Vault, string? Token, SimulatedTouch Touch, bool Waits);

/// <summary>What a vault is opened for: a face, a program's session, a single verb.</summary>
internal interface IProfileFace : ITokenFace
{
    /// <summary>Takes the way to the token, so that what it waits for can be given up; it stays the profile's.</summary>
    void UseToken(TokenBroker broker);

    /// <summary>Takes what the person should know meanwhile.</summary>
    void Tell(string line);

    /// <summary>Takes an event of the engine, on the engine's thread.</summary>
    void Take(ClientEvent shown);
}
