using System.Buffers.Binary;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;

namespace HardwareChat.Tokens.Piv;

// The driver against a card that answers whatever it likes to whatever it is asked.
public sealed partial class PivCard
{
    // Each reaches decoders of its own. Their order is the meaning of the corpus's first bytes: new ones go to the end.
    private static readonly Action<PivCard, Pin>[] HostileOperations =
    [
        (card, _) => card.GetPinState(),
        (card, _) => card.GetPukState(),
        (card, _) => card.GetMetadata(PivSlot.Authentication),
        (card, _) => card.DescribeSlot(PivSlot.Authentication),
        (card, _) => card.GetCertificate(PivSlot.Authentication)?.Dispose(),
        (card, _) => card.GetDiscovery(),
        (card, _) => card.GetManagementKeyMetadata(),
        (card, _) => card.Authenticate(Administration.FactoryDefault),
        (card, pin) => card.Authenticate(Administration.StoredBehind(pin)),
        (card, pin) => card.ProtectManagementKey(pin, Administration.FactoryDefault),
        (card, _) => card.Generate(PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Always, Administration.FactoryDefault),
        (card, pin) => card.SignMessage(PivSlot.Authentication, PivAlgorithm.EccP384, "message"u8, pin),
        (card, _) => card.SignMessage(PivSlot.Authentication, PivAlgorithm.Ed25519, "message"u8),
        (card, pin) => card.Agree(PivSlot.KeyManagement, PivPublicKey.FromPoint(PivAlgorithm.X25519, new byte[32]), pin).Dispose(),
        (card, pin) => card.SetRetries(3, 3, pin, Administration.FactoryDefault),
        (card, _) => card.Reset(),
        (card, pin) => SlotCertificate.Store(
            card, PivSlot.Authentication, new X500DistinguishedName("CN=alice"), DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1), pin, Administration.FactoryDefault).Dispose(),
    ];

    /// <summary>
    /// Fuzz entry: whatever a card answers, an operation ends in a result, a <see cref="TokenException"/> or a <see cref="TouchTimedOutException"/>, and gives
    /// the card back. The first byte chooses the operation; then each answer has a length of two bytes. After the last the card is gone.
    /// </summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        var channel = new HostileChannel(data[1..].ToArray());
        RunHostileOperation(data[0], channel);
        if (channel.OpenTransactions != 0)
            throw new InvalidOperationException("an operation did not give the card back");
    }

    internal static void RunHostileOperation(byte operation, ICardChannel channel)
    {
        using var pin = Pin.Create("123456"u8);
        try
        {
            using PivCard card = OpenOwned(channel);
            card.TouchChanged += _ => { }; // somebody listens, so the card is asked for policies
            HostileOperations[operation % HostileOperations.Length](card, pin);
        }
        catch (Exception error) when (error is TokenException or TouchTimedOutException)
        {
            // What a card's lies may end in.
        }
    }

    private sealed class HostileChannel(byte[] answers) : ICardChannel
    {
        private int _next;

        public string ReaderName => "hostile";

        public ReadOnlyMemory<byte> Atr => answers;

        public bool TakesExtendedLength => answers.Length % 2 == 0;

        public int OpenTransactions { get; private set; }

        public int Transmit(ReadOnlySpan<byte> command, Span<byte> response)
        {
            if (_next + sizeof(ushort) > answers.Length)
                throw new CardChannelException(CardFault.Removed, "The token was taken out.", "");
            int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(answers.AsSpan(_next)), answers.Length - _next - sizeof(ushort));
            answers.AsSpan(_next + sizeof(ushort), length).CopyTo(response);
            _next += sizeof(ushort) + length;
            return length;
        }

        public IDisposable BeginTransaction()
        {
            OpenTransactions++;
            return new Held(this);
        }

        public void Reconnect()
        {
        }

        public void Dispose()
        {
        }

        private sealed class Held(HostileChannel channel) : IDisposable
        {
            public void Dispose() => channel.OpenTransactions--;
        }
    }
}
