using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Tests.Simulator;

/// <summary>A card with PIV selected, spoken to in bytes.</summary>
internal sealed class CardUnderTest : IDisposable
{
    public const string SelectPiv = "00A4040005A000000308";
    public const string VerifyPin = "0020008008313233343536FFFF";
    public const string WrongPin = "0020008008393939393939FFFF";

    private static readonly byte[] DefaultManagementKey = Convert.FromHexString("010203040506070801020304050607080102030405060708");

    public CardUnderTest(FirmwareProfile profile, ITouchSource? touch = null, TimeProvider? clock = null)
    {
        using var root = SimulatedAttestationRoot.Create(DateTimeOffset.UnixEpoch);
        Card = SimulatedCard.Create(profile, 7654321, root, touch ?? new AutomaticTouch(), clock);
        Send(SelectPiv);
    }

    public CardUnderTest(SimulatedCard card)
    {
        Card = card;
        Send(SelectPiv);
    }

    public SimulatedCard Card { get; }

    /// <summary>Sends a command in hexadecimal; the whole response in hexadecimal, status word last.</summary>
    public string Send(string command) => Convert.ToHexString(Card.Transmit(Convert.FromHexString(command)));

    public string Send(byte ins, byte p1, byte p2, ReadOnlySpan<byte> data) =>
        Convert.ToHexString(Card.Transmit(new CommandApdu(0, ins, p1, p2, data, expected: 65536, extended: true).ToArray()));

    /// <summary>Proves the default management key by challenge and response.</summary>
    public void AuthenticateManagement()
    {
        byte algorithm = Card.Profile == FirmwareProfile.Firmware57 ? (byte)PivAlgorithm.Aes192 : (byte)PivAlgorithm.TripleDes;
        string challenge = Send($"0087{algorithm:X2}9B047C02810000");
        byte[] block = Convert.FromHexString(challenge)[4..^2];
        byte[] answer = Encrypt(block);
        string sent = Send(0x87, algorithm, 0x9B, BerTlvWriter.Encode(0x7C, BerTlvWriter.Encode(0x82, answer)));
        Assert.Equal("9000", sent);
    }

    public void Dispose() => Card.Dispose();

    private static byte[] Encrypt(byte[] block)
    {
        if (block.Length == 16)
        {
            using var aes = System.Security.Cryptography.Aes.Create();
            aes.Key = DefaultManagementKey;
            return aes.EncryptEcb(block, System.Security.Cryptography.PaddingMode.None);
        }
        // The default key has three equal parts: 3DES with it is DES.
#pragma warning disable CA5351
        using var des = System.Security.Cryptography.DES.Create();
#pragma warning restore CA5351
        des.Key = DefaultManagementKey[..8];
        return des.EncryptEcb(block, System.Security.Cryptography.PaddingMode.None);
    }
}
