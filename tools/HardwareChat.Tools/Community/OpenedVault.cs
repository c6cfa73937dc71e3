using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tools;

/// <summary>A person's vault, opened by the token that the command line names.</summary>
internal sealed class OpenedVault : IAsyncDisposable
{
    private readonly OpenedToken _opener;
    private readonly CommunityFace _face;
    private readonly TokenBroker _broker;
    private ChatClient? _client;

    private OpenedVault(Screen screen, OpenedToken opener, CommunityFace face, TokenBroker broker, TokenId token, Vault vault, CommunityPin community)
        => (Screen, _opener, _face, _broker, Token, Vault, Community) = (screen, opener, face, broker, token, vault, community);

    public Screen Screen { get; }

    public Vault Vault { get; }

    public TokenId Token { get; }

    public CommunityPin Community { get; }

    /// <summary>Asks for the token and its PIN, and opens the vault.</summary>
    public static async Task<OpenedVault> OpenAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var screen = new Screen(parsed);
        string path = CommunityOptions.VaultOf(parsed);
        if (!File.Exists(path))
            throw new FailureException(ExitCode.Input, "not-found", $"there is no vault at {PrintableText.Of(path)}.", "hwchat-tools enrol LINK --handle HANDLE makes one; --vault FILE names another");
        using LockedVault locked = LockedVault.Open(path);
        OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        var face = new CommunityFace(parsed, screen, token);
        var broker = new TokenBroker(token.Face, face);
        Vault? vault = null;
        try
        {
            SlotMetadata key = await token.Face.GetMetadataAsync(PivSlot.Authentication, cancellation) ?? throw TokenKeys.Empty(PivSlot.Authentication);
            TokenId id = TokenId.OfSpki(key.PublicKey.SubjectPublicKeyInfo.Span);
            if (locked.FindWrapping(id) is null)
                throw new FailureException(ExitCode.NoToken, "not-this-token", $"{token.Spoken} does not open this vault.", "name the token that you enrolled with --token");
            token.Purpose = "to open the vault";
            vault = await broker.UseAsync("open the vault", (used, pin) => locked.UnlockAsync(used, id, pin, MessageText.Searched, cancellation), cancellation);
            CommunityPin community = vault.Read(CommunityPin.Load)
                ?? throw new FailureException(ExitCode.Input, "not-found", "this vault belongs to no community yet.", "hwchat-tools enrol LINK --handle HANDLE");
            return new OpenedVault(screen, token, face, broker, id, vault, community);
        }
        catch
        {
            vault?.Dispose();
            face.Dispose();
            await broker.DisposeAsync();
            await token.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the engine, which owns the vault from then on, and connects it.</summary>
    public async Task<ChatClient> ConnectAsync(CancellationToken cancellation)
    {
        _client = ChatClient.Start(Community, Token, Vault, _broker, static _ => { }, TimeProvider.System);
        _opener.Purpose = "to connect";
        Screen.Note($"Connecting to {PrintableText.Of(Community.Address.Authority)}.");
        await _client.ConnectAsync().WaitAsync(cancellation);
        return _client;
    }

    /// <summary>What the next touch is for.</summary>
    public void TouchIsFor(string purpose) => _opener.Purpose = purpose;

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
        _face.Dispose();
        await _broker.DisposeAsync();
        await _opener.DisposeAsync();
    }
}
