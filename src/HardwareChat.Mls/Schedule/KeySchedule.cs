namespace HardwareChat.Mls;

// RFC 9420 §8, "The MLS Key Schedule". The whole of it, from top to bottom:
//
//                       init_secret_[n-1]
//                             |
//                             V
//       commit_secret --> KDF.Extract
//                             |
//                             V
//                   ExpandWithLabel(., "joiner", GroupContext_[n], KDF.Nh)
//                             |
//                             V
//                        joiner_secret
//                             |
//                             V
//   psk_secret (or 0) --> KDF.Extract
//                             |
//                             +--> DeriveSecret(., "welcome") = welcome_secret
//                             |
//                             V
//                   ExpandWithLabel(., "epoch", GroupContext_[n], KDF.Nh)
//                             |
//                             V
//                        epoch_secret
//                             |
//                             +--> DeriveSecret(., <label>) = <secret>             (EpochSecrets)
//                             |
//                             V
//                   DeriveSecret(., "init") = init_secret_[n]
//
// Everything between two returned values lives as long as the call. What is returned is the caller's to dispose of; joiner and
// welcome secret are consumed when the epoch's Welcome has been made or opened.

/// <summary>The key schedule: from the init secret of one epoch to the secrets of the next (RFC 9420 §8).</summary>
internal static class KeySchedule
{
    /// <summary>joiner_secret, Nh bytes.</summary>
    /// <param name="suite">The group's.</param>
    /// <param name="initSecret">init_secret_[n-1], Nh bytes; stays the caller's.</param>
    /// <param name="commitSecret">commit_secret, Nh bytes (zeros for a commit without a path); stays the caller's.</param>
    /// <param name="groupContext">The encoded GroupContext_[n].</param>
    public static Secret DeriveJoinerSecret(CipherSuite suite, Secret initSecret, Secret commitSecret, ReadOnlySpan<byte> groupContext)
    {
        using Secret extracted = suite.Extract(salt: initSecret, ikm: commitSecret);
        return suite.ExpandWithLabel(extracted, "joiner"u8, groupContext, suite.HashLength);
    }

    /// <summary>welcome_secret, Nh bytes.</summary>
    public static Secret DeriveWelcomeSecret(CipherSuite suite, Secret joinerSecret, Secret pskSecret)
    {
        using Secret member = suite.Extract(salt: joinerSecret, ikm: pskSecret);
        return suite.DeriveSecret(member, "welcome"u8);
    }

    /// <summary>The secrets of epoch n.</summary>
    /// <param name="suite">The group's.</param>
    /// <param name="joinerSecret">Nh bytes; stays the caller's.</param>
    /// <param name="pskSecret">Nh bytes (zeros if there is no PSK); stays the caller's.</param>
    /// <param name="groupContext">The encoded GroupContext_[n].</param>
    public static EpochSecrets DeriveEpoch(CipherSuite suite, Secret joinerSecret, Secret pskSecret, ReadOnlySpan<byte> groupContext)
    {
        using Secret member = suite.Extract(salt: joinerSecret, ikm: pskSecret);
        using Secret epochSecret = suite.ExpandWithLabel(member, "epoch"u8, groupContext, suite.HashLength);
        return EpochSecrets.Derive(suite, epochSecret);
    }
}
