namespace HardwareChat.Mls.Tests.Rules;

public class CryptoRulesTests
{
    public static TheoryData<ushort> Suites => [0x0001, 0x0002, 0x0003, 0x0005, 0x0007];

    private static CipherSuite Suite(ushort id)
    {
        Assert.True(CipherSuite.TryGet(new CipherSuiteId(id), out CipherSuite? suite));
        return suite;
    }

    [Fact]
    public void A_number_without_a_suite_is_not_found()
    {
        Assert.False(CipherSuite.TryGet(new CipherSuiteId(0x0A0A), out _));
        Assert.Equal(5, CipherSuite.All.Count);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_mac_of_another_length_or_with_a_changed_bit_is_refused(ushort id)
    {
        CipherSuite suite = Suite(id);
        using Secret key = Secret.Random(suite.HashLength);
        byte[] mac = suite.Mac(key, "message"u8);
        Assert.True(suite.VerifyMac(key, "message"u8, mac));
        Assert.False(suite.VerifyMac(key, "message"u8, mac.AsSpan(0, mac.Length - 1)));
        Assert.False(suite.VerifyMac(key, "message"u8, [.. mac, 0]));
        Assert.False(suite.VerifyMac(key, "message"u8, []));
        mac[0] ^= 0x80;
        Assert.False(suite.VerifyMac(key, "message"u8, mac));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void An_aead_opens_only_what_was_sealed(ushort id)
    {
        CipherSuite suite = Suite(id);
        byte[] key = new byte[suite.KeyLength];
        byte[] nonce = new byte[CipherSuite.NonceLength];
        byte[] ciphertext = new byte[5 + CipherSuite.TagLength];
        suite.Seal(key, nonce, "aad"u8, "alice"u8, ciphertext);
        byte[] plaintext = new byte[5];
        Assert.True(suite.TryOpen(key, nonce, "aad"u8, ciphertext, plaintext));
        Assert.Equal("alice"u8.ToArray(), plaintext);
        for (int i = 0; i < ciphertext.Length; i++)
        {
            ciphertext[i] ^= 1;
            Assert.False(suite.TryOpen(key, nonce, "aad"u8, ciphertext, plaintext));
            Assert.Equal(new byte[5], plaintext);
            ciphertext[i] ^= 1;
        }

        Assert.False(suite.TryOpen(key, nonce, "dad"u8, ciphertext, plaintext));
    }

    // RFC 7748 §6.1, RFC 9180 §7.1.4
    [Fact]
    public void A_public_key_of_small_order_gives_no_shared_secret()
    {
        CipherSuite suite = CipherSuite.X25519Aes128GcmSha256Ed25519;
        Assert.Null(suite.EncryptWithLabel(new HpkePublicKey(new byte[32]), "label"u8, [], "secret"u8));
        using HpkeKeyPair pair = suite.GenerateHpkeKeyPair();
        Assert.Null(suite.DecryptWithLabel(pair.PrivateKey, "label"u8, [], new HpkeCiphertext(new byte[32], new byte[48])));
        Assert.Null(suite.ConsumeExternalInit(pair.PrivateKey, new byte[32]));
        Assert.Null(suite.CreateExternalInit(new HpkePublicKey(new byte[32])));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Keys_and_ciphertexts_of_a_wrong_length_are_refused_without_an_exception(ushort id)
    {
        CipherSuite suite = Suite(id);
        using HpkeKeyPair pair = suite.GenerateHpkeKeyPair();
        HpkeCiphertext sealedText = suite.EncryptWithLabel(pair.PublicKey, "label"u8, [], "secret"u8)!;
        Assert.Null(suite.EncryptWithLabel(new HpkePublicKey(pair.PublicKey.Span[..^1]), "label"u8, [], "secret"u8));
        Assert.Null(suite.DecryptWithLabel(pair.PrivateKey, "label"u8, [], new HpkeCiphertext([], sealedText.Ciphertext.ToArray())));
        Assert.Null(suite.DecryptWithLabel(pair.PrivateKey, "label"u8, [], new HpkeCiphertext(sealedText.KemOutput.ToArray(), new byte[15])));
        Assert.False(suite.IsValid(new HpkePublicKey([])));
        Assert.False(suite.IsValid(new SignaturePublicKey([])));
        using SignaturePrivateKey signer = suite.GenerateSignatureKey();
        byte[] signature = suite.SignWithLabel(signer, "label"u8, "content"u8);
        Assert.False(suite.VerifyWithLabel(signer.PublicKey, "label"u8, "content"u8, []));
        Assert.False(suite.VerifyWithLabel(signer.PublicKey, "label"u8, "content"u8, [.. signature, 0]));
        Assert.False(suite.VerifyWithLabel(new SignaturePublicKey([]), "label"u8, "content"u8, signature));
    }

    [Theory]
    [InlineData(0x0002)]
    [InlineData(0x0005)]
    [InlineData(0x0007)]
    public void A_point_off_the_curve_is_no_key(ushort id)
    {
        CipherSuite suite = Suite(id);
        using HpkeKeyPair pair = suite.GenerateHpkeKeyPair();
        Assert.True(suite.IsValid(pair.PublicKey));
        byte[] point = pair.PublicKey.Span.ToArray();
        point[^1] ^= 1;
        Assert.False(suite.IsValid(new HpkePublicKey(point)));
        Assert.False(suite.IsValid(new SignaturePublicKey(point)));
        Assert.Null(suite.EncryptWithLabel(new HpkePublicKey(point), "label"u8, [], "secret"u8));
        Assert.False(suite.IsValid(new HpkePublicKey(new byte[point.Length])));
        point[^1] ^= 1;
        point[0] = 0x05;
        Assert.False(suite.IsValid(new HpkePublicKey(point)));
    }

    [Theory]
    [InlineData(0x0002)]
    [InlineData(0x0005)]
    [InlineData(0x0007)]
    public void Zero_and_the_group_order_are_no_private_keys(ushort id)
    {
        CipherSuite suite = Suite(id);
        using HpkeKeyPair pair = suite.GenerateHpkeKeyPair();
        byte[] all = new byte[pair.PrivateKey.Span.Length];
        Assert.Throws<ArgumentException>(() => suite.ImportHpkePrivateKey(all));
        Array.Fill(all, (byte)0xFF);
        Assert.Throws<ArgumentException>(() => suite.ImportHpkePrivateKey(all));
        Assert.Throws<ArgumentException>(() => SignaturePrivateKey.Import(suite.SignatureScheme, all));
    }

    [Fact]
    public void A_private_key_stored_without_its_leading_zeros_is_the_same_key()
    {
        CipherSuite suite = CipherSuite.P521Aes256GcmSha512P521;
        byte[] full = new byte[66];
        full.AsSpan(1).Fill(0x17);
        using HpkeKeyPair pair = suite.ImportHpkePrivateKey(full);
        using HpkeKeyPair stripped = suite.ImportHpkePrivateKey(full.AsSpan(1));
        Assert.Equal(pair.PublicKey, stripped.PublicKey);
        Assert.Equal(full, stripped.PrivateKey.Span.ToArray());
        using SignaturePrivateKey signer = SignaturePrivateKey.Import(suite.SignatureScheme, full.AsSpan(1));
        Assert.Equal(pair.PublicKey.Span.ToArray(), signer.PublicKey.Span.ToArray());
        Assert.Throws<ArgumentException>(() => suite.ImportHpkePrivateKey([0, .. full]));
        Assert.Throws<ArgumentException>(() => suite.ImportHpkePrivateKey([]));
    }

    // RFC 8032 §5.1.7 and the strictness on top of it: one verdict for all members, or a room forks.
    [Fact]
    public void Ed25519_refuses_a_small_order_key_and_a_high_s()
    {
        CipherSuite suite = CipherSuite.X25519Aes128GcmSha256Ed25519;
        byte[] identity = new byte[32];
        identity[0] = 1;
        byte[] signature = new byte[64];
        signature[0] = 1;
        Assert.False(suite.VerifyWithLabel(new SignaturePublicKey(identity), "label"u8, "content"u8, signature));

        using SignaturePrivateKey signer = suite.GenerateSignatureKey();
        byte[] valid = suite.SignWithLabel(signer, "label"u8, "content"u8);
        byte[] order = Convert.FromHexString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        int carry = 0;
        for (int i = 0; i < 32; i++)
        {
            carry += valid[32 + i] + order[i];
            valid[32 + i] = (byte)(carry & 0xFF);
            carry >>= 8;
        }

        Assert.False(suite.VerifyWithLabel(signer.PublicKey, "label"u8, "content"u8, valid));
    }

    [Fact]
    public void A_signer_of_another_scheme_is_the_callers_mistake()
    {
        using SignaturePrivateKey signer = SignaturePrivateKey.Generate(SignatureScheme.EcdsaSecp256r1Sha256);
        Assert.Throws<ArgumentException>(() => CipherSuite.X25519Aes128GcmSha256Ed25519.SignWithLabel(signer, "label"u8, []));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void An_external_init_secret_reaches_the_owner_of_the_key_only(ushort id)
    {
        CipherSuite suite = Suite(id);
        using HpkeKeyPair pair = suite.GenerateHpkeKeyPair();
        (byte[] kemOutput, Secret initSecret) = suite.CreateExternalInit(pair.PublicKey)!.Value;
        using Secret? received = suite.ConsumeExternalInit(pair.PrivateKey, kemOutput);
        Assert.True(initSecret.Equals(received));
        using HpkeKeyPair other = suite.GenerateHpkeKeyPair();
        using Secret? wrong = suite.ConsumeExternalInit(other.PrivateKey, kemOutput);
        Assert.False(initSecret.Equals(wrong));
        initSecret.Dispose();
    }

    [Fact]
    public void A_disposed_secret_is_zero_and_says_so()
    {
        Secret secret = Secret.CopyOf("bob's secret"u8);
        ReadOnlySpan<byte> view = secret.Span;
        Assert.DoesNotContain("bob", secret.ToString(), StringComparison.Ordinal);
        secret.Dispose();
        Assert.Equal(new byte[view.Length], view.ToArray());
        Assert.True(secret.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => secret.Span.Length);
    }

    [Fact]
    public void Secrets_are_equal_by_their_bytes()
    {
        using Secret a = Secret.CopyOf([1, 2, 3]);
        using Secret b = Secret.CopyOf([1, 2, 3]);
        using Secret c = Secret.CopyOf([1, 2, 4]);
        using Secret d = Secret.CopyOf([1, 2]);
        Assert.True(a.Equals(b));
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.False(a.Equals(c));
        Assert.False(a.Equals(d));
        Assert.False(a.Equals((object?)null));
    }

    // The inputs that leave the stack buffers and the libsodium path.
    [Theory]
    [MemberData(nameof(Suites))]
    public void Long_labels_contexts_and_messages_work_as_short_ones(ushort id)
    {
        CipherSuite suite = Suite(id);
        byte[] big = new byte[70_000];
        using HpkeKeyPair pair = suite.GenerateHpkeKeyPair();
        HpkeCiphertext sealedText = suite.EncryptWithLabel(pair.PublicKey, "Welcome"u8, big, big)!;
        using Secret? opened = suite.DecryptWithLabel(pair.PrivateKey, "Welcome"u8, big, sealedText);
        Assert.Equal(big, opened!.Span.ToArray());
        big[^1] = 1;
        Assert.Null(suite.DecryptWithLabel(pair.PrivateKey, "Welcome"u8, big, sealedText));
        using SignaturePrivateKey signer = suite.GenerateSignatureKey();
        byte[] signature = suite.SignWithLabel(signer, "label"u8, big);
        Assert.True(suite.VerifyWithLabel(signer.PublicKey, "label"u8, big, signature));
        big[0] = 1;
        Assert.False(suite.VerifyWithLabel(signer.PublicKey, "label"u8, big, signature));
    }
}
