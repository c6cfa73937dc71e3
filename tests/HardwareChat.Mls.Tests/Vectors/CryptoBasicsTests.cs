using System.Text.Json;

namespace HardwareChat.Mls.Tests.Vectors;

public class CryptoBasicsTests
{
    [Fact]
    public void Every_case_of_the_working_group_holds()
    {
        foreach (JsonElement test in SharedVectors.Of("crypto-basics"))
        {
            CipherSuite suite = test.Suite();

            JsonElement refHash = test.GetProperty("ref_hash");
            Assert.Equal(refHash.Hex("out"), suite.RefHash(refHash.Utf8("label"), refHash.Hex("value")));

            JsonElement expand = test.GetProperty("expand_with_label");
            using Secret expandSecret = Secret.CopyOf(expand.Hex("secret"));
            using Secret expanded = suite.ExpandWithLabel(
                expandSecret, expand.Utf8("label"), expand.Hex("context"), (int)expand.UInt32("length"));
            Assert.Equal(expand.Hex("out"), expanded.Span.ToArray());

            JsonElement derive = test.GetProperty("derive_secret");
            using Secret deriveSecret = Secret.CopyOf(derive.Hex("secret"));
            using Secret derived = suite.DeriveSecret(deriveSecret, derive.Utf8("label"));
            Assert.Equal(derive.Hex("out"), derived.Span.ToArray());

            JsonElement tree = test.GetProperty("derive_tree_secret");
            using Secret treeSecret = Secret.CopyOf(tree.Hex("secret"));
            using Secret treeDerived = suite.DeriveTreeSecret(
                treeSecret, tree.Utf8("label"), tree.UInt32("generation"), (int)tree.UInt32("length"));
            Assert.Equal(tree.Hex("out"), treeDerived.Span.ToArray());

            VerifySignature(suite, test.GetProperty("sign_with_label"));
            VerifyEncryption(suite, test.GetProperty("encrypt_with_label"));
        }
    }

    private static void VerifySignature(CipherSuite suite, JsonElement test)
    {
        var publicKey = new SignaturePublicKey(test.Hex("pub"));
        byte[] content = test.Hex("content");
        Assert.True(suite.IsValid(publicKey));
        Assert.True(suite.VerifyWithLabel(publicKey, test.Utf8("label"), content, test.Hex("signature")));

        using SignaturePrivateKey privateKey = SignaturePrivateKey.Import(suite.SignatureScheme, test.Hex("priv"));
        Assert.Equal(publicKey, privateKey.PublicKey);
        byte[] signature = suite.SignWithLabel(privateKey, test.Utf8("label"), content);
        Assert.True(suite.VerifyWithLabel(publicKey, test.Utf8("label"), content, signature));
        Assert.False(suite.VerifyWithLabel(publicKey, "another label"u8, content, signature));
        signature[^1] ^= 1;
        Assert.False(suite.VerifyWithLabel(publicKey, test.Utf8("label"), content, signature));
    }

    private static void VerifyEncryption(CipherSuite suite, JsonElement test)
    {
        using HpkeKeyPair pair = suite.ImportHpkePrivateKey(test.Hex("priv"));
        byte[] context = test.Hex("context");
        Assert.Equal(new HpkePublicKey(test.Hex("pub")), pair.PublicKey);
        Assert.True(suite.IsValid(pair.PublicKey));

        using Secret? opened = suite.DecryptWithLabel(
            pair.PrivateKey, test.Utf8("label"), context, new HpkeCiphertext(test.Hex("kem_output"), test.Hex("ciphertext")));
        Assert.Equal(test.Hex("plaintext"), opened!.Span.ToArray());

        HpkeCiphertext? own = suite.EncryptWithLabel(pair.PublicKey, test.Utf8("label"), context, test.Hex("plaintext"));
        using Secret? again = suite.DecryptWithLabel(pair.PrivateKey, test.Utf8("label"), context, own!);
        Assert.Equal(test.Hex("plaintext"), again!.Span.ToArray());
        Assert.Null(suite.DecryptWithLabel(pair.PrivateKey, "another label"u8, context, own!));
    }
}
