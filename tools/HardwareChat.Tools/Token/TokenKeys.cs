using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;

namespace HardwareChat.Tools;

/// <summary>The keys of slots, as the protocol sees them.</summary>
internal static class TokenKeys
{
    /// <summary>The failure where a slot holds no key.</summary>
    public static FailureException Empty(PivSlot slot)
        => new(ExitCode.SlotEmpty, "slot-empty", $"there is no key in {slot}.", "hwchat-tools token init makes one", "hwchat-tools token info shows what is where");

    /// <summary>The key that verifies what the slot's key signs.</summary>
    /// <exception cref="FailureException">It is of an algorithm that HardwareChat does not sign with.</exception>
    public static VerifyingKey SigningKey(SlotMetadata key, PivSlot slot)
    {
        try
        {
            return VerifyingKey.FromSpki(key.PublicKey.SubjectPublicKeyInfo.Span);
        }
        catch (DecodeException unusable)
        {
            throw new FailureException(
                ExitCode.TokenCannot,
                "algorithm-unusable",
                $"the key in {slot} is {KeyAlgorithm.NameOf(key.Algorithm)}; signatures are made with p256, p384 or ed25519.",
                unusable,
                "--slot chooses another slot; hwchat-tools token init makes a key");
        }
    }

    /// <summary>The key's name.</summary>
    public static TokenId IdOf(VerifyingKey key) => TokenId.OfSpki(key.ToSpki());
}
