namespace HardwareChat.Mls;

// RFC 9420 §6.3.2
//
//   ciphertext_sample = ciphertext[0..KDF.Nh-1]
//
//   sender_data_key = ExpandWithLabel(sender_data_secret, "key", ciphertext_sample, AEAD.Nk)
//   sender_data_nonce = ExpandWithLabel(sender_data_secret, "nonce", ciphertext_sample, AEAD.Nn)
//
//   "If the length of the ciphertext is less than KDF.Nh, the whole ciphertext is used."

/// <summary>The key and nonce that hide who sent a PrivateMessage (RFC 9420 §6.3.2).</summary>
internal static class SenderDataKey
{
    /// <param name="suite">The group's.</param>
    /// <param name="senderDataSecret">The epoch's.</param>
    /// <param name="ciphertext">The encrypted content, whole.</param>
    /// <param name="key">Nk bytes, which the caller zeroes after use.</param>
    /// <param name="nonce">Nn bytes, likewise.</param>
    public static void Derive(CipherSuite suite, Secret senderDataSecret, ReadOnlySpan<byte> ciphertext, Span<byte> key, Span<byte> nonce)
    {
        ReadOnlySpan<byte> sample = ciphertext[..Math.Min(ciphertext.Length, suite.HashLength)];
        suite.ExpandWithLabel(senderDataSecret.Span, "key"u8, sample, key);
        suite.ExpandWithLabel(senderDataSecret.Span, "nonce"u8, sample, nonce);
    }
}
