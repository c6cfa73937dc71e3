namespace HardwareChat.Mls;

public sealed partial class CipherSuite
{
    private const int StackSize = 256;

    private static ReadOnlySpan<byte> LabelPrefix => "MLS 1.0 "u8;

    // RFC 9420 §8
    //
    //   struct { uint16 length; opaque label<V>; opaque context<V>; } KDFLabel;      label = "MLS 1.0 " + Label
    //
    //   ExpandWithLabel(Secret, Label, Context, Length) = KDF.Expand(Secret, KDFLabel, Length)
    //   DeriveSecret(Secret, Label) = ExpandWithLabel(Secret, Label, "", KDF.Nh)

    /// <summary>ExpandWithLabel into <paramref name="output"/>, whose length is the Length.</summary>
    internal void ExpandWithLabel(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output)
    {
        var kdfLabel = new ScratchBytes(stackalloc byte[StackSize]);
        kdfLabel.AppendUInt16(checked((ushort)output.Length));
        kdfLabel.AppendOpaque(LabelPrefix, label);
        kdfLabel.AppendOpaque(context);
        _kdf.Expand(secret, kdfLabel.Written, output);
        kdfLabel.Dispose();
    }

    /// <summary>ExpandWithLabel to a secret of its own.</summary>
    internal Secret ExpandWithLabel(Secret secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length)
    {
        Secret output = Secret.Zero(length);
        ExpandWithLabel(secret.Span, label, context, output.WritableSpan);
        return output;
    }

    /// <summary>DeriveSecret.</summary>
    internal Secret DeriveSecret(Secret secret, ReadOnlySpan<byte> label) => ExpandWithLabel(secret, label, [], HashLength);

    // RFC 9420 §9
    //
    //   DeriveTreeSecret(Secret, Label, Generation, Length) = ExpandWithLabel(Secret, Label, Generation, Length)
    //
    //   "Generation is encoded as a big-endian uint32"

    /// <summary>DeriveTreeSecret into <paramref name="output"/>, whose length is the Length.</summary>
    internal void DeriveTreeSecret(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label, uint generation, Span<byte> output)
    {
        Span<byte> context = stackalloc byte[sizeof(uint)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(context, generation);
        ExpandWithLabel(secret, label, context, output);
    }

    /// <summary>DeriveTreeSecret to a secret of its own.</summary>
    internal Secret DeriveTreeSecret(Secret secret, ReadOnlySpan<byte> label, uint generation, int length)
    {
        Secret output = Secret.Zero(length);
        DeriveTreeSecret(secret.Span, label, generation, output.WritableSpan);
        return output;
    }

    // RFC 9420 §5.2
    //
    //   struct { opaque label<V>; opaque value<V>; } RefHashInput;                   label without a prefix added
    //
    //   RefHash(label, value) = Hash(RefHashInput)

    /// <summary>RefHash; the label is given whole, "MLS 1.0 " included.</summary>
    internal byte[] RefHash(ReadOnlySpan<byte> label, ReadOnlySpan<byte> value)
    {
        var input = new ScratchBytes(stackalloc byte[StackSize]);
        input.AppendOpaque(label);
        input.AppendOpaque(value);
        byte[] hash = Hash(input.Written);
        input.Dispose();
        return hash;
    }

    // RFC 9420 §5.1.2
    //
    //   struct { opaque label<V>; opaque content<V>; } SignContent;                  label = "MLS 1.0 " + Label
    //
    //   SignWithLabel(SignatureKey, Label, Content) = Signature.Sign(SignatureKey, SignContent)
    //   VerifyWithLabel(VerificationKey, Label, Content, SignatureValue) = Signature.Verify(VerificationKey, SignContent, SignatureValue)

    /// <summary>SignWithLabel.</summary>
    /// <exception cref="ArgumentException">The signer's scheme is not the suite's.</exception>
    internal byte[] SignWithLabel(IMlsSigner signer, ReadOnlySpan<byte> label, ReadOnlySpan<byte> content)
    {
        if (signer.Scheme != SignatureScheme)
            throw new ArgumentException($"the signer has {signer.Scheme}, the cipher suite {SignatureScheme}", nameof(signer));
        var signContent = new ScratchBytes(stackalloc byte[StackSize]);
        signContent.AppendOpaque(LabelPrefix, label);
        signContent.AppendOpaque(content);
        byte[] signature = signer.Sign(signContent.Written);
        signContent.Dispose();
        return signature;
    }

    /// <summary>VerifyWithLabel: false for a wrong signature and for bytes that are no signature or no key.</summary>
    internal bool VerifyWithLabel(
        SignaturePublicKey key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> content, ReadOnlySpan<byte> signature)
    {
        var signContent = new ScratchBytes(stackalloc byte[StackSize]);
        signContent.AppendOpaque(LabelPrefix, label);
        signContent.AppendOpaque(content);
        bool valid = SignatureAlgorithm.Verify(SignatureScheme, key.Span, signContent.Written, signature);
        signContent.Dispose();
        return valid;
    }

    // RFC 9420 §5.1.3
    //
    //   struct { opaque label<V>; opaque context<V>; } EncryptContext;               label = "MLS 1.0 " + Label
    //
    //   EncryptWithLabel(PublicKey, Label, Context, Plaintext) = SealBase(PublicKey, EncryptContext, "", Plaintext)
    //   DecryptWithLabel(PrivateKey, Label, Context, KEMOutput, Ciphertext) = OpenBase(KEMOutput, PrivateKey, EncryptContext, "", Ciphertext)

    /// <summary>The part of EncryptWithLabel that depends on label and context only, to be used for many recipients.</summary>
    internal EncryptContext PrepareContext(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context)
    {
        var encryptContext = new ScratchBytes(stackalloc byte[StackSize]);
        encryptContext.AppendOpaque(LabelPrefix, label);
        encryptContext.AppendOpaque(context);
        byte[] keyScheduleContext = _hpke.KeyScheduleContext(encryptContext.Written);
        encryptContext.Dispose();
        return new EncryptContext(keyScheduleContext);
    }

    /// <summary>EncryptWithLabel; null if the key is none of the suite.</summary>
    internal HpkeCiphertext? EncryptWithLabel(HpkePublicKey key, EncryptContext context, ReadOnlySpan<byte> plaintext)
        => _hpke.Seal(key.Span, context.KeyScheduleContext, plaintext);

    /// <inheritdoc cref="EncryptWithLabel(HpkePublicKey, EncryptContext, ReadOnlySpan{byte})"/>
    internal HpkeCiphertext? EncryptWithLabel(
        HpkePublicKey key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plaintext)
        => EncryptWithLabel(key, PrepareContext(label, context), plaintext);

    /// <summary>DecryptWithLabel; null if the ciphertext is not one for this key, label and context.</summary>
    internal Secret? DecryptWithLabel(HpkePrivateKey key, EncryptContext context, HpkeCiphertext ciphertext)
        => _hpke.Open(ciphertext.KemOutput, key.Span, context.KeyScheduleContext, ciphertext.Ciphertext);

    /// <inheritdoc cref="DecryptWithLabel(HpkePrivateKey, EncryptContext, HpkeCiphertext)"/>
    internal Secret? DecryptWithLabel(HpkePrivateKey key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, HpkeCiphertext ciphertext)
        => DecryptWithLabel(key, PrepareContext(label, context), ciphertext);

    // RFC 9420 §8.3
    //
    //   kem_output, context = SetupBaseS(external_pub, "")          context = SetupBaseR(kem_output, external_priv, "")
    //   init_secret = context.export("MLS 1.0 external init secret", KDF.Nh)

    /// <summary>The init secret of an external join, made by the joiner; null if the key is none of the suite.</summary>
    internal (byte[] KemOutput, Secret InitSecret)? CreateExternalInit(HpkePublicKey externalPublicKey)
        => _hpke.SendExport(externalPublicKey.Span, [], "MLS 1.0 external init secret"u8, HashLength);

    /// <summary>The init secret of an external join, found by a member; null if the KEM output is none.</summary>
    internal Secret? ConsumeExternalInit(HpkePrivateKey externalPrivateKey, ReadOnlySpan<byte> kemOutput)
        => _hpke.ReceiveExport(kemOutput, externalPrivateKey.Span, [], "MLS 1.0 external init secret"u8, HashLength);
}
