using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>One key with all its wrappings: that of a vault, or of a backup.</summary>
/// <param name="name">What it opens, in words, for errors.</param>
/// <param name="id">The vault's or backup's id.</param>
/// <param name="wrappings">One for each recipient.</param>
internal sealed class WrappedKey(string name, byte[] id, IReadOnlyList<KeyWrapping> wrappings)
{
    public IReadOnlyList<KeyWrapping> Wrappings { get; } = wrappings;

    public KeyWrapping? Find(Digest recipient) => Wrappings.FirstOrDefault(wrapping => wrapping.IsFor(id, recipient));

    /// <summary>The wrapping for a token.</summary>
    /// <exception cref="VaultException">There is none.</exception>
    public KeyWrapping For(TokenId token)
        => Find(token.Value) ?? throw new VaultException(VaultFault.WrongKey, $"This token is none of those that open {name}.");

    /// <summary>The key, which the caller disposes, by what a token agreed on.</summary>
    /// <exception cref="VaultException">The secret is not that token's.</exception>
    public Secret Open(TokenId token, ReadOnlySpan<byte> agreed) => Open(For(token), token.Value, agreed);

    /// <summary>The key, which the caller disposes, by a code on paper.</summary>
    /// <exception cref="VaultException">The code is another's.</exception>
    public Secret Open(RecoveryCode code)
    {
        if (Find(code.Id) is not { Algorithm: PivAlgorithm.X25519 } wrapping)
            throw new VaultException(VaultFault.WrongKey, $"This recovery code is not that of {name}.");
        try
        {
            using Secret agreed = code.Agree(wrapping.EphemeralBytes);
            return Open(wrapping, code.Id, agreed.Span);
        }
        catch (DecodeException error)
        {
            throw new VaultException(VaultFault.Damaged, $"The wrapping of {name} for this recovery code is damaged.", error);
        }
    }

    private Secret Open(KeyWrapping wrapping, Digest recipient, ReadOnlySpan<byte> agreed)
        => wrapping.Open(id, recipient, agreed)
            ?? throw new VaultException(VaultFault.WrongKey, $"The key does not open {name}: it is another token's, or the wrapping was changed.");
}
