using System.CommandLine;
using HardwareChat.Client;
using HardwareChat.Protocol;

namespace HardwareChat.Tools;

/// <summary>A person's vault, opened by the token that the command line names.</summary>
internal sealed class OpenedVault : IAsyncDisposable
{
    private readonly OpenedToken _opener;
    private readonly CommunityFace _face;
    private readonly Profile _profile;

    private OpenedVault(Screen screen, OpenedToken opener, CommunityFace face, Profile profile)
        => (Screen, _opener, _face, _profile) = (screen, opener, face, profile);

    public Screen Screen { get; }

    public Vault Vault => _profile.Vault;

    public TokenId Token => _profile.Token;

    public TokenBroker Broker => _profile.Broker;

    /// <summary>The token as --token names it.</summary>
    public string TokenName => _opener.Name;

    /// <summary>The community that the vault belongs to.</summary>
    /// <exception cref="FailureException">It belongs to none yet.</exception>
    public CommunityPin Community => _profile.Community
        ?? throw new FailureException(ExitCode.Input, "not-found", "this vault belongs to no community yet.", "hwchat-tools enrol LINK --handle HANDLE");

    /// <summary>Asks for the token and its PIN, and opens the vault of a community.</summary>
    public static async Task<OpenedVault> OpenAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string path = CommunityOptions.VaultOf(parsed);
        if (!File.Exists(path))
            throw new FailureException(ExitCode.Input, "not-found", $"there is no vault at {PrintableText.Of(path)}.", "hwchat-tools enrol LINK --handle HANDLE makes one; --vault FILE names another");
        OpenedVault opened = await OpenAsync(parsed, new Screen(parsed), path, cancellation);
        try
        {
            _ = opened.Community;
            return opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a vault, whether it belongs to a community or not.</summary>
    public static async Task<OpenedVault> OpenAsync(ParseResult parsed, Screen screen, string path, CancellationToken cancellation)
    {
        using LockedVault locked = LockedVault.Open(path);
        OpenedToken token = await TokenDrivers.OpenAsync(parsed, screen, cancellation);
        var face = new CommunityFace(parsed, screen, token, PinQuestion.Pin);
        var broker = new TokenBroker(token.Face, face);
        try
        {
            token.Purpose = "to open the vault";
            return new OpenedVault(screen, token, face, await Profile.OpenAsync(locked, broker, await Profile.IdOfAsync(token.Face, cancellation), cancellation));
        }
        catch
        {
            face.Dispose();
            await broker.DisposeAsync();
            await token.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the vault has read of the registry, every statement verified anew.</summary>
    /// <exception cref="FailureException">It does not verify.</exception>
    public RegistryState ReadRegistry()
    {
        var follower = new RegistryFollower(Community.Registry, Community.Pinned);
        return Vault.Read(follower.Load)
            ? follower.State
            : throw new FailureException(ExitCode.Refused, "registry-refused", "the registry in this vault does not verify.");
    }

    /// <summary>The same, as it can be kept in a file.</summary>
    public RegistryExport ReadExport()
    {
        RegistryId registry = Community.Registry;
        return Vault.Read(vault => RegistryExport.Of(registry, vault));
    }

    /// <summary>Starts the engine, which owns the vault from then on, and connects it.</summary>
    public async Task<ChatClient> ConnectAsync(CancellationToken cancellation)
    {
        ChatClient client = _profile.Start(static _ => { }, TimeProvider.System);
        _opener.Purpose = "to connect";
        Screen.Note($"Connecting to {PrintableText.Of(Community.Address.Authority)}.");
        await client.ConnectAsync().WaitAsync(cancellation);
        return client;
    }

    /// <summary>What the next touch is for.</summary>
    public void TouchIsFor(string purpose) => _opener.Purpose = purpose;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _profile.DisposeAsync();
        _face.Dispose();
        await _opener.DisposeAsync();
    }
}
