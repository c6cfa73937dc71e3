using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;

namespace HardwareChat.Terminal.Demo;

/// <summary>The demo: each step of what a token does for HardwareChat, on the simulated card, through the driver that real cards get.</summary>
internal sealed class TokenDemo(string folder, DemoTouch touch, TextWriter screen)
{
    private const string Name = "demo";
    private static readonly PivSlot Slot = PivSlot.Authentication;

    /// <summary>Runs all steps.</summary>
    /// <exception cref="DemoFailedException">A step did not come out as it must.</exception>
    /// <exception cref="TouchTimedOutException">No touch came.</exception>
    public async Task RunAsync()
    {
        Say("HardwareChat: a person is a hardware token. This one is simulated, and gone when the demo ends.");
        Say("");

        var store = new SimulatedCardStore(folder);
        store.Create(Name, FirmwareProfile.Firmware57, SimulatedCardStore.NewSerial(), []);
        using SimulatedCard card = store.Open(Name, touch);
        await using PivToken token = await PivToken.OpenAsync(() => new SimulatedCardChannel(card));
        Say($"1. A token: serial {token.Info.Serial}, firmware {token.Info.Firmware}. It has a PIN, keys that cannot leave it, and a contact to touch.");

        PivPublicKey key = await token.GenerateAsync(Slot, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Always, Administration.FactoryDefault);
        VerifyingKey verifier = VerifyingKey.FromSpki(key.SubjectPublicKeyInfo.Span);
        Say($"2. Enrol: the token makes a P-256 key in slot {Slot}: PIN once, touch always. Its public half is the person's name:");
        Say($"   {TokenId.OfSpki(key.SubjectPublicKeyInfo.Span)}");

        byte[] message = RandomNumberGenerator.GetBytes(Digest.Size);
        byte[] signature = await SignAsync(token, message);

        Require(verifier.Verify(Labels.TouchTest, message, signature), "the signature does not verify.");
        Say("4. Verify: the signature is by that key, over those bytes.");
        message[0] ^= 1;
        Require(!verifier.Verify(Labels.TouchTest, message, signature), "a signature of other bytes verifies.");
        Say("   With one bit of them changed it is refused.");

        await AttestAsync(token, store, key);
        Say("");
        Say("Done. With a YubiKey, or with a simulated token that stays: hwchat-tools token init.");
    }

    private async Task<byte[]> SignAsync(PivToken token, byte[] message)
    {
        // The PIN that every token leaves the factory with; this one lives for a minute.
        using Pin pin = Pin.Create("123456"u8);
        Say("3. Touch and sign: the token is given its PIN, and waits for a touch before it signs 32 random bytes.");
        byte[] signature = await token.SignAsync(Slot, PivAlgorithm.EccP256, Labelled.Bytes(Labels.TouchTest, message), pin);
        Say($"   Touched; it gave a signature of {signature.Length} bytes.");
        return signature;
    }

    private async Task AttestAsync(PivToken token, SimulatedCardStore store, PivPublicKey key)
    {
        using X509Certificate2 attestation = await token.AttestAsync(Slot);
        using X509Certificate2? own = await token.GetCertificateAsync(PivSlot.Attestation);
        Require(own is not null, "the token has no attestation certificate of its own.");
        using SimulatedAttestationRoot root = store.OpenRoot();
        AttestationVerdict verdict = AttestationVerifier.Verify(
            [attestation.RawData, own!.RawData],
            TrustAnchors.Parse([root.Certificate.RawData]),
            DateTimeOffset.UtcNow,
            new AttestationRequirement
            {
                SubjectPublicKeyInfo = key.SubjectPublicKeyInfo,
                Slot = Slot.Id,
                Serial = token.Info.Serial,
                TouchPolicies = new HashSet<TouchPolicy> { TouchPolicy.Always },
            });
        Require(verdict.IsAccepted, $"the attestation is refused: {verdict.Refusal} {verdict.Detail}");
        Say($"5. Attest: the maker's chain says that the key was born in slot {Slot} of token {verdict.Key!.Statement.Serial} and wants a touch each time:");
        Say($"   {attestation.Subject}");
        Say($"   <- {own.Subject}");
        Say($"   <- {verdict.Key.RootSubject}");
        Say("   A community that wants real tokens does not trust this root, and refuses the token.");
    }

    private void Say(string line) => screen.WriteLine(line);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new DemoFailedException(otherwise);
    }
}
