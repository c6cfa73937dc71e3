using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Client;

/// <summary>A person's vault, unlocked by a token of theirs. Owns the vault and the way to the token.</summary>
public sealed class Profile : IAsyncDisposable
{
    private ChatClient? _client;

    private Profile(TokenBroker ownedBroker, TokenId token, Vault ownedVault)
        => (Broker, Token, Vault) = (ownedBroker, token, ownedVault);

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

    /// <summary>The way to the token.</summary>
    public TokenBroker Broker { get; }

    /// <summary>The token that unlocked the vault.</summary>
    public TokenId Token { get; }

    /// <summary>The vault; once the engine runs, the engine's.</summary>
    public Vault Vault { get; }

    /// <summary>The community; null while its person is in none.</summary>
    /// <exception cref="Wire.DecodeException">Malformed, or of a newer version.</exception>
    public CommunityPin? Community => Vault.Read(CommunityPin.Load);

    /// <summary>The name of a token, by its 9A key; zeros, which name none, if it has no such key.</summary>
    public static async Task<TokenId> IdOfAsync(IToken token, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        SlotMetadata? key = await token.GetMetadataAsync(PivSlot.Authentication, cancel);
        return key is null ? default : TokenId.OfSpki(key.PublicKey.SubjectPublicKeyInfo.Span);
    }

    /// <summary>Unlocks a vault: asks for the PIN.</summary>
    /// <param name="locked">The vault.</param>
    /// <param name="broker">The way to the token; the profile's if it opens, else the caller's still.</param>
    /// <param name="token">The token.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="VaultException">Another token's, damaged, or rolled back.</exception>
    public static async Task<Profile> OpenAsync(LockedVault locked, TokenBroker broker, TokenId token, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(locked);
        ArgumentNullException.ThrowIfNull(broker);
        if (locked.FindWrapping(token) is null)
            throw new VaultException(VaultFault.WrongKey, $"that token does not open this vault; these do: {string.Join(", ", locked.TokenLabels)}");
        Vault vault = await broker.UseAsync("open the vault", (used, pin) => locked.UnlockAsync(used, token, pin, MessageText.Searched, cancel), cancel);
        return new Profile(broker, token, vault);
    }

    /// <summary>Starts the engine.</summary>
    /// <param name="onEvent">See <see cref="ChatClient.Start"/>.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="CommunityException">The vault belongs to no community yet.</exception>
    public ChatClient Start(Action<ClientEvent> onEvent, TimeProvider time)
    {
        CommunityPin community = Community ?? throw new CommunityException("this vault belongs to no community yet: enrol first");
        return _client = ChatClient.Start(community, Token, Vault, Broker, onEvent, time);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }
        else
        {
            Vault.Close();
            Vault.Dispose();
        }
        await Broker.DisposeAsync();
    }
}
