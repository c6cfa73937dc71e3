using HardwareChat.Client.Text;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Client;

/// <summary>A vault that this process holds, and that no key has opened yet.</summary>
/// <remarks>
/// The card's part is one ECDH of 9D with a wrapping's <see cref="KeyWrapping.Ephemeral"/>; nothing that the vault does afterwards needs the card.
/// A wrong key leaves the vault locked, to try the next.
/// </remarks>
public sealed class LockedVault : IDisposable
{
    private const int LongestLabel = 40;

    private readonly string _path;
    private readonly SealedHeader _header;
    private readonly WrappedKey _wrapped;
    private VaultLock? _lock;
    private VaultFile? _file;

    private LockedVault(string path, VaultLock held, VaultFile file)
    {
        _path = path;
        _lock = held;
        _file = file;
        _header = file.ReadHeader();
        _wrapped = new WrappedKey($"the vault {path}", _header.VaultId, [.. file.ReadWrappings().Select(bytes => Decode(path, bytes))]);
    }

    /// <summary>The wrappings of the vault key, one for each recipient.</summary>
    public IReadOnlyList<KeyWrapping> Wrappings => _wrapped.Wrappings;

    /// <summary>Takes the vault's lock and opens the file.</summary>
    /// <exception cref="VaultException">Missing, foreign, newer, in use, or damaged in what can be seen without a key.</exception>
    public static LockedVault Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new VaultException(VaultFault.Missing, $"There is no vault at {path}.");
        VaultLock held = VaultLock.Take(path);
        VaultFile? file = null;
        try
        {
            file = VaultFile.Open(path);
            return new LockedVault(path, held, file);
        }
        catch (SqliteException error)
        {
            file?.Dispose();
            held.Dispose();
            throw VaultFile.Translate(error, path);
        }
        catch
        {
            file?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>What their person calls the tokens that open the vault, fit to be shown.</summary>
    public IEnumerable<string> TokenLabels => Wrappings.Where(static wrapping => wrapping.Kind == RecipientKind.Token)
        .Select(static wrapping => wrapping.Label.Length > 0 ? HarmlessText.Line(wrapping.Label, LongestLabel) : "a token without a name");

    /// <summary>The wrapping for a token; <see langword="null"/> if the token is none of those that open the vault.</summary>
    public KeyWrapping? FindWrapping(TokenId token) => _wrapped.Find(token.Value);

    /// <summary>Opens the vault with what a token agreed on with its wrapping.</summary>
    /// <param name="token">The token.</param>
    /// <param name="agreed">The output of ECDH, which stays the caller's to erase.</param>
    /// <param name="options">See <see cref="VaultOptions"/>.</param>
    /// <exception cref="VaultException">Wrong key, damaged, newer, or rolled back.</exception>
    public Vault Unlock(TokenId token, ReadOnlySpan<byte> agreed, VaultOptions? options = null)
    {
        using Secret key = _wrapped.Open(token, agreed);
        return Unlock(key, options);
    }

    /// <summary>Opens the vault with the code on paper.</summary>
    /// <exception cref="VaultException">Wrong key, damaged, newer, or rolled back.</exception>
    public Vault Unlock(RecoveryCode code, VaultOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(code);
        using Secret key = _wrapped.Open(code);
        return Unlock(key, options);
    }

    /// <summary>Opens the vault with a token at hand: one ECDH with 9D, which asks for PIN and touch as that key's policies say.</summary>
    /// <param name="token">The card.</param>
    /// <param name="id">Its id.</param>
    /// <param name="pin">The PIN, or <see langword="null"/> if it was verified before.</param>
    /// <param name="options">See <see cref="VaultOptions"/>.</param>
    /// <param name="cancellationToken">See <see cref="IToken"/>.</param>
    /// <exception cref="VaultException">Wrong key, damaged, newer, or rolled back.</exception>
    public async Task<Vault> UnlockAsync(IToken token, TokenId id, Pin? pin, VaultOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        using TokenSecret agreed = await token.AgreeAsync(PivSlot.KeyManagement, _wrapped.For(id).Ephemeral, pin, cancellationToken).ConfigureAwait(false);
        return Unlock(id, agreed.Span, options);
    }

    /// <summary>Lets go of the file, unless a key has opened it.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _lock?.Dispose();
        _file = null;
        _lock = null;
    }

    private Vault Unlock(Secret key, VaultOptions? options)
    {
        ObjectDisposedException.ThrowIf(_file is null || _lock is null, this);
        VaultKeys keys = VaultKeys.Of(key.Span);
        try
        {
            var vault = new Vault(_path, _lock, _file, _header.VaultId, keys, VaultHeader.Open(keys, _header), options ?? new VaultOptions());
            _file = null;
            _lock = null;
            return vault;
        }
        catch (SqliteException error)
        {
            keys.Dispose();
            throw VaultFile.Translate(error, _path);
        }
        catch (DecodeException error)
        {
            keys.Dispose();
            throw Damaged(_path, error);
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    private static KeyWrapping Decode(string path, byte[] bytes)
    {
        try
        {
            return KeyWrapping.Decode(bytes);
        }
        catch (DecodeException error)
        {
            throw Damaged(path, error);
        }
    }

    private static VaultException Damaged(string path, DecodeException error)
        => new(VaultFault.Damaged, $"The vault {path} is damaged in what stands before its rows.", error);
}
