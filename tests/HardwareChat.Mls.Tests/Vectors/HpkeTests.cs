namespace HardwareChat.Mls.Tests.Vectors;

/// <summary>The numbers of RFC 9180 Appendix A for the base mode of the suites that MLS uses.</summary>
public class HpkeTests
{
    // RFC 9180 §A.1.1
    [Fact]
    public void X25519_HkdfSha256_Aes128Gcm_base_mode_gives_the_numbers_of_the_RFC()
        => Verify(new Hpke(DhKemX25519.Instance, Kdf.HkdfSha256, Aead.Aes128Gcm),
            info: "4f6465206f6e2061204772656369616e2055726e",
            ikmE: "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234",
            skEm: "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
            ikmR: "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
            pkRm: "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
            skRm: "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
            enc: "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
            sharedSecret: "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc",
            context: "00725611c9d98c07c03f60095cd32d400d8347d45ed67097bbad50fc56da742d07cb6cffde367bb0565ba28bb02c9074" +
                "4a20f5ef37f30523526106f637abb05449",
            pt: "4265617574792069732074727574682c20747275746820626561757479",
            aad: "436f756e742d30",
            ct: "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
            exported: "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931");

    // RFC 9180 §A.2.1
    [Fact]
    public void X25519_HkdfSha256_ChaCha20Poly1305_base_mode_gives_the_numbers_of_the_RFC()
        => Verify(new Hpke(DhKemX25519.Instance, Kdf.HkdfSha256, Aead.ChaCha20Poly1305),
            info: "4f6465206f6e2061204772656369616e2055726e",
            ikmE: "909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b",
            skEm: "f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600",
            ikmR: "1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df",
            pkRm: "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a",
            skRm: "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb",
            enc: "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
            sharedSecret: "0bbe78490412b4bbea4812666f7916932b828bba79942424abb65244930d69a7",
            context: "00431df6cd95e11ff49d7013563baf7f11588c75a6611ee2a4404a49306ae4cfc5b69c5718a60cc5876c358d3f7fc31d" +
                "db598503f67be58ea1e798c0bb19eb9796",
            pt: "4265617574792069732074727574682c20747275746820626561757479",
            aad: "436f756e742d30",
            ct: "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
            exported: "5acb09211139c43b3090489a9da433e8a30ee7188ba8b0a9a1ccf0c229283e53");

    // RFC 9180 §A.3.1
    [Fact]
    public void P256_HkdfSha256_Aes128Gcm_base_mode_gives_the_numbers_of_the_RFC()
        => Verify(new Hpke(DhKemNist.P256, Kdf.HkdfSha256, Aead.Aes128Gcm),
            info: "4f6465206f6e2061204772656369616e2055726e",
            ikmE: "4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e",
            skEm: "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
            ikmR: "668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550",
            pkRm: "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d3" +
                "0ad6aa8f80e30f1d128aafd68a2ce72ea0",
            skRm: "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
            enc: "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900" +
                "be863c403ce65c9bfcb9382657222d18c4",
            sharedSecret: "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8",
            context: "00b88d4e6d91759e65e87c470e8b9141113e9ad5f0c8ceefc1e088c82e6980500798e486f9c9c09c9b5c753ac72d6005" +
                "de254c607d1b534ed11d493ae1c1d9ac85",
            pt: "4265617574792069732074727574682c20747275746820626561757479",
            aad: "436f756e742d30",
            ct: "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
            exported: "d8f1ea7942adbba7412c6d431c62d01371ea476b823eb697e1f6e6cae1dab85a");

    // RFC 9180 §A.6.1
    [Fact]
    public void P521_HkdfSha512_Aes256Gcm_base_mode_gives_the_numbers_of_the_RFC()
        => Verify(new Hpke(DhKemNist.P521, Kdf.HkdfSha512, Aead.Aes256Gcm),
            info: "4f6465206f6e2061204772656369616e2055726e",
            ikmE: "7f06ab8215105fc46aceeb2e3dc5028b44364f960426eb0d8e4026c2f8b5d7e7a986688f1591abf5ab753c357a5d6f04" +
                "40414b4ed4ede71317772ac98d9239f70904",
            skEm: "014784c692da35df6ecde98ee43ac425dbdd0969c0c72b42f2e708ab9d535415a8569bdacfcc0a114c85b8e3f26acf4d" +
                "68115f8c91a66178cdbd03b7bcc5291e374b",
            ikmR: "2ad954bbe39b7122529f7dde780bff626cd97f850d0784a432784e69d86eccaade43b6c10a8ffdb94bf943c6da479db1" +
                "37914ec835a7e715e36e45e29b587bab3bf1",
            pkRm: "0401b45498c1714e2dce167d3caf162e45e0642afc7ed435df7902ccae0e84ba0f7d373f646b7738bbbdca11ed91bdea" +
                "e3cdcba3301f2457be452f271fa6837580e661012af49583a62e48d44bed350c7118c0d8dc861c238c72a2bda17f6470" +
                "4f464b57338e7f40b60959480c0e58e6559b190d81663ed816e523b6b6a418f66d2451ec64",
            skRm: "01462680369ae375e4b3791070a7458ed527842f6a98a79ff5e0d4cbde83c27196a3916956655523a6a2556a7af62c5c" +
                "adabe2ef9da3760bb21e005202f7b2462847",
            enc: "040138b385ca16bb0d5fa0c0665fbbd7e69e3ee29f63991d3e9b5fa740aab8900aaeed46ed73a49055758425a0ce3650" +
                "7c54b29cc5b85a5cee6bae0cf1c21f2731ece2013dc3fb7c8d21654bb161b463962ca19e8c654ff24c94dd2898de1205" +
                "1f1ed0692237fb02b2f8d1dc1c73e9b366b529eb436e98a996ee522aef863dd5739d2f29b0",
            sharedSecret: "776ab421302f6eff7d7cb5cb1adaea0cd50872c71c2d63c30c4f1d5e43653336fef33b103c67e7a98add2d3b66e2fda9" +
                "5b5b2a667aa9dac7e59cc1d46d30e818",
            context: "0083a27c5b2358ab4dae1b2f5d8f57f10ccccc822a473326f543f239a70aee46347324e84e02d7651a10d08fb3dda739" +
                "d22d50c53fbfa8122baacd0f9ae5913072ef45baa1f3a4b169e141feb957e48d03f28c837d8904c3d6775308c3d3faa7" +
                "5dd64adfa44e1a1141edf9349959b8f8e5291cbdc56f62b0ed6527d692e85b09a4",
            pt: "4265617574792069732074727574682c20747275746820626561757479",
            aad: "436f756e742d30",
            ct: "170f8beddfe949b75ef9c387e201baf4132fa7374593dfafa90768788b7b2b200aafcc6d80ea4c795a7c5b841a",
            exported: "f389beaac6fcf6c0d9376e20f97e364f0609a88f1bc76d7328e9104df8477013");

    private static void Verify(
        Hpke hpke, string info, string ikmE, string skEm, string ikmR, string pkRm, string skRm, string enc, string sharedSecret,
        string context, string pt, string aad, string ct, string exported)
    {
        using HpkeKeyPair ephemeral = hpke.Kem.DeriveKeyPair(Convert.FromHexString(ikmE));
        using HpkeKeyPair recipient = hpke.Kem.DeriveKeyPair(Convert.FromHexString(ikmR));
        AssertHex(skEm, ephemeral.PrivateKey.Span);
        AssertHex(enc, ephemeral.PublicKey.Span);
        AssertHex(skRm, recipient.PrivateKey.Span);
        AssertHex(pkRm, recipient.PublicKey.Span);

        byte[] output = new byte[hpke.Kem.OutputLength];
        byte[] shared = new byte[hpke.Kem.SharedSecretLength];
        Assert.True(((DhKem)hpke.Kem).TryEncapsulate(ephemeral.PrivateKey.Span, recipient.PublicKey.Span, output, shared));
        AssertHex(enc, output);
        AssertHex(sharedSecret, shared);
        shared.AsSpan().Clear();
        Assert.True(hpke.Kem.TryDecapsulate(output, recipient.PrivateKey.Span, shared));
        AssertHex(sharedSecret, shared);

        byte[] keyScheduleContext = hpke.KeyScheduleContext(Convert.FromHexString(info));
        AssertHex(context, keyScheduleContext);
        AssertHex(ct, hpke.SealWith(shared, keyScheduleContext, Convert.FromHexString(aad), Convert.FromHexString(pt)));
        using Secret? opened = hpke.OpenWith(shared, keyScheduleContext, Convert.FromHexString(aad), Convert.FromHexString(ct));
        AssertHex(pt, opened!.Span);
        using Secret export = hpke.ExportWith(shared, keyScheduleContext, "TestContext"u8, 32);
        AssertHex(exported, export.Span);
    }

    private static void AssertHex(string expected, ReadOnlySpan<byte> actual) => Assert.Equal(expected, Convert.ToHexStringLower(actual));
}
