using System.Text.Json;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class CryptoBasics : VectorKind
{
    public override string Name => "crypto-basics";

    protected override string[] Members => ["ref_hash", "expand_with_label", "sign_with_label", "encrypt_with_label"];

    public override void Run(JsonElement test)
    {
        CipherSuite suite = test.Suite();

        JsonElement refHash = test.GetProperty("ref_hash");
        Check.Bytes(refHash.Hex("out"), suite.RefHash(refHash.Utf8("label"), refHash.Hex("value")), "ref_hash");

        JsonElement expand = test.GetProperty("expand_with_label");
        using Secret expandSecret = expand.Secret("secret");
        using Secret expanded = suite.ExpandWithLabel(expandSecret, expand.Utf8("label"), expand.Hex("context"), (int)expand.UInt32("length"));
        Check.Bytes(expand.Hex("out"), expanded.Span, "expand_with_label");

        JsonElement derive = test.GetProperty("derive_secret");
        using Secret deriveSecret = derive.Secret("secret");
        using Secret derived = suite.DeriveSecret(deriveSecret, derive.Utf8("label"));
        Check.Bytes(derive.Hex("out"), derived.Span, "derive_secret");

        JsonElement tree = test.GetProperty("derive_tree_secret");
        using Secret treeSecret = tree.Secret("secret");
        using Secret treeDerived = suite.DeriveTreeSecret(treeSecret, tree.Utf8("label"), tree.UInt32("generation"), (int)tree.UInt32("length"));
        Check.Bytes(tree.Hex("out"), treeDerived.Span, "derive_tree_secret");

        Sign(suite, test.GetProperty("sign_with_label"));
        Encrypt(suite, test.GetProperty("encrypt_with_label"));
    }

    private static void Sign(CipherSuite suite, JsonElement test)
    {
        var publicKey = new SignaturePublicKey(test.Hex("pub"));
        byte[] label = test.Utf8("label");
        byte[] content = test.Hex("content");
        Check.True(suite.VerifyWithLabel(publicKey, label, content, test.Hex("signature")), "the signature verifies");
        using SignaturePrivateKey privateKey = SignaturePrivateKey.Import(suite.SignatureScheme, test.PrivateKey("priv", suite));
        Check.Equal(publicKey, privateKey.PublicKey, "the public key of sign_with_label.priv");
        Check.True(suite.VerifyWithLabel(publicKey, label, content, suite.SignWithLabel(privateKey, label, content)), "our own signature verifies");
    }

    private static void Encrypt(CipherSuite suite, JsonElement test)
    {
        using HpkeKeyPair pair = suite.ImportHpkePrivateKey(test.PrivateKey("priv", suite));
        Check.Equal(new HpkePublicKey(test.Hex("pub")), pair.PublicKey, "the public key of encrypt_with_label.priv");
        byte[] label = test.Utf8("label");
        byte[] context = test.Hex("context");
        byte[] plaintext = test.Hex("plaintext");
        Opens(new HpkeCiphertext(test.Hex("kem_output"), test.Hex("ciphertext")), "encrypt_with_label");
        Opens(suite.EncryptWithLabel(pair.PublicKey, label, context, plaintext), "our own ciphertext");

        void Opens(HpkeCiphertext? ciphertext, string what)
        {
            Check.True(ciphertext is not null, $"{what} can be made");
            using Secret? opened = suite.DecryptWithLabel(pair.PrivateKey, label, context, ciphertext!);
            Check.True(opened is not null, $"{what} opens");
            Check.Bytes(plaintext, opened!.Span, what);
        }
    }
}
