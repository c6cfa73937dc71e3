using System.Runtime.CompilerServices;
using CsCheck;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>A card that lies in any of its answers, or fails at any of its commands.</summary>
public sealed class HostileCardTests : IDisposable
{
    private const byte Sign = 11;
    private const int Operations = 17;

    private static readonly Lazy<byte[][]> Transcripts = new(() => [.. Enumerable.Range(0, Operations).Select(Record)]);

    private readonly Pin _pin = Pin.Create("123456"u8);

    public static TheoryData<byte> AllOperations => [.. Enumerable.Range(0, Operations).Select(operation => (byte)operation)];

    public void Dispose() => _pin.Dispose();

    [Theory]
    [MemberData(nameof(AllOperations))]
    public void Transcript_of_an_honest_card_is_survived_cut_and_bent_anywhere(byte operation)
    {
        byte[] honest = Transcripts.Value[operation];
        PivCard.Fuzz(honest);
        for (int cut = 0; cut < honest.Length; cut += 1 + (honest.Length / 400))
        {
            PivCard.Fuzz(honest.AsSpan(0, cut));
            byte[] bent = [.. honest];
            bent[cut] ^= 0xFF;
            PivCard.Fuzz(bent);
        }
    }

    [Fact]
    public void Noise_in_place_of_answers_is_survived()
        => Gen.Select(Gen.Int[0, Operations - 1], Gen.Int[1, 400], Gen.Byte.Array[0, 60]).Sample(
            (operation, at, noise) =>
            {
                byte[] honest = Transcripts.Value[operation];
                int split = Math.Min(at, honest.Length);
                PivCard.Fuzz([.. honest[..split], .. noise, .. honest[split..]]);
            },
            iter: 2000,
            threads: 1);

    [Theory]
    [InlineData(CardFault.Reset)]
    [InlineData(CardFault.Removed)]
    [InlineData(CardFault.NotResponding)]
    public async Task Failure_at_each_command_of_a_signature_ends_clearly_gives_the_card_back_and_signs_at_most_once(CardFault fault)
    {
        for (int at = 1; ; at++)
        {
            using var touch = new CountingTouch();
            using SimulatedCard card = NewCard(touch);
            await using PivToken token = await PivToken.OpenAsync(() => new SimulatedCardChannel(card), null, TestContext.Current.CancellationToken);
            PivPublicKey key = await token.GenerateAsync(
                PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Always, Administration.FactoryDefault, TestContext.Current.CancellationToken);
            int strike = card.Faults.CommandsReceived + at;
            Schedule(card.Faults, fault, strike);
            var states = new List<TouchState>();
            token.TouchChanged += (_, change) => states.Add(change.State);
            CardFault? met = await SignAsync(token, key);
            bool struck = card.Faults.CommandsReceived >= strike;
            Assert.True(touch.Count <= 1, $"{touch.Count} touches with a fault at command {at}");
            Assert.True(states is [] or [TouchState.Wanted, TouchState.Touched or TouchState.Abandoned], string.Join(' ', states));
            Assert.True(met is null || met == fault, $"{met} with {fault} at command {at}");
            using (var other = new SimulatedCardChannel(card))
            {
                card.Insert();
                other.Reconnect();
                other.BeginTransaction().Dispose(); // nobody holds it any more
            }

            if (!struck)
            {
                Assert.Null(met);
                Assert.InRange(at, 4, 20);
                return;
            }

            if (fault == CardFault.Reset)
                Assert.Null(await SignAsync(token, key)); // and the token goes on by itself
        }
    }

    [Fact]
    public void Reset_in_the_middle_of_reading_is_survived_by_reading_again()
    {
        using SimulatedCard card = NewCard(new AutomaticTouch());
        using PivCard piv = PivCard.OpenOwned(new SimulatedCardChannel(card));
        for (int at = 1; at <= 3; at++)
        {
            card.Faults.ResetAt(card.Faults.CommandsReceived + at);
            Assert.Equal(new PinState(false, 3, true), piv.GetPinState());
        }

        card.Faults.ResetAt(card.Faults.CommandsReceived + 2);
        Assert.NotNull(piv.GetObject(PivSlot.Attestation.CertificateObject));
    }

    [Fact]
    public void Reset_in_the_middle_of_a_signature_is_not_signed_again()
    {
        using SimulatedCard card = NewCard(new AutomaticTouch());
        using PivCard piv = PivCard.OpenOwned(new SimulatedCardChannel(card));
        piv.Generate(PivSlot.Authentication, PivAlgorithm.EccP256, PinPolicy.Once, TouchPolicy.Never, Administration.FactoryDefault);
        int before = card.Faults.CommandsReceived;
        card.Faults.ResetAt(before + 3); // state of the PIN, PIN, signature
        CardChannelException error = Assert.Throws<CardChannelException>(() => piv.SignMessage(PivSlot.Authentication, PivAlgorithm.EccP256, "message"u8, _pin));
        Assert.Equal(CardFault.Reset, error.Fault);
        Assert.Contains("not asked a second time", error.Message, StringComparison.Ordinal);
        Assert.Equal(before + 3, card.Faults.CommandsReceived);
    }

    [Fact]
    public void Another_token_in_the_same_reader_gets_neither_pin_nor_work()
    {
        using SimulatedCard card = NewCard(new AutomaticTouch());
        using SimulatedCard other = NewCard(new AutomaticTouch(), serial: 99);
        var reader = new SwappingChannel(card);
        using PivCard piv = PivCard.OpenOwned(reader);
        piv.VerifyPin(_pin);
        reader.Swap(other);
        int before = other.Faults.CommandsReceived;
        for (int attempt = 0; attempt < 2; attempt++)
        {
            CardChannelException error = Assert.Throws<CardChannelException>(() => piv.VerifyPin(_pin));
            Assert.Equal(CardFault.Removed, error.Fault);
            Assert.Contains("another one is in its place", error.Message, StringComparison.Ordinal);
        }

        Assert.True(other.Faults.CommandsReceived > before);
        Assert.DoesNotContain(reader.Commands, command => command.Contains("313233343536", StringComparison.Ordinal));
        reader.Swap(card);
        piv.VerifyPin(_pin);
    }

    /// <summary>Writes the transcripts into the corpus of the fuzzer: a program, not a test.</summary>
    [Fact(Explicit = true)]
    public void Write_corpus()
    {
        string folder = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../HardwareChat.Fuzz/corpus/Tokens.PivCard"));
        Directory.CreateDirectory(folder);
        for (int operation = 0; operation < Operations; operation++)
            File.WriteAllBytes(Path.Combine(folder, $"operation-{operation:00}"), Transcripts.Value[operation]);
    }

    private static string Here([CallerFilePath] string path = "") => path;

    private static SimulatedCard NewCard(ITouchSource touch, uint serial = 12345678)
    {
        using var root = SimulatedAttestationRoot.Create(TimeProvider.System.GetUtcNow());
        return SimulatedCard.Create(FirmwareProfile.Firmware57, serial, root, touch);
    }

    private static void Schedule(FaultScript faults, CardFault fault, int command)
    {
        if (fault == CardFault.Reset)
            faults.ResetAt(command);
        else if (fault == CardFault.Removed)
            faults.RemoveAt(command);
        else
            faults.TimeOutAt(command);
    }

    private async Task<CardFault?> SignAsync(PivToken token, PivPublicKey key)
    {
        try
        {
            byte[] signature = await token.SignAsync(PivSlot.Authentication, PivAlgorithm.EccP256, "message"u8.ToArray(), _pin, TestContext.Current.CancellationToken);
            Assert.True(key.Verify("message"u8, signature));
            return null;
        }
        catch (CardChannelException error)
        {
            return error.Fault;
        }
    }

    // What the simulated card answers to an operation, as the fuzz entry takes it: a card with a P-384 key in 9A and an X25519 key in 9D.
    private static byte[] Record(int operation)
    {
        using SimulatedCard card = NewCard(new AutomaticTouch());
        using (PivCard piv = PivCard.OpenOwned(new SimulatedCardChannel(card)))
        {
            PivAlgorithm algorithm = operation == Sign + 1 ? PivAlgorithm.Ed25519 : PivAlgorithm.EccP384;
            piv.Generate(PivSlot.Authentication, algorithm, PinPolicy.Never, TouchPolicy.Always, Administration.FactoryDefault);
            piv.Generate(PivSlot.KeyManagement, PivAlgorithm.X25519, PinPolicy.Once, TouchPolicy.Never, Administration.FactoryDefault);
            using Pin pin = Pin.Create("123456"u8);
            if (operation is 4)
            {
                using var key = System.Security.Cryptography.ECDsa.Create();
                using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=bob", key, System.Security.Cryptography.HashAlgorithmName.SHA256)
                    .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(60));
                piv.PutCertificate(PivSlot.Authentication, certificate, Administration.FactoryDefault, compress: true);
            }

            if (operation is 8)
                piv.ProtectManagementKey(pin, Administration.FactoryDefault);
        }

        card.PowerCycle();
        var channel = new RecordingChannel(new SimulatedCardChannel(card));
        PivCard.RunHostileOperation((byte)operation, channel);
        return [(byte)operation, .. channel.Answers];
    }

    private sealed class RecordingChannel(ICardChannel inner) : ICardChannel
    {
        public List<byte> Answers { get; } = [];

        public string ReaderName => inner.ReaderName;

        public ReadOnlyMemory<byte> Atr => inner.Atr;

        public bool TakesExtendedLength => false;

        public int Transmit(ReadOnlySpan<byte> command, Span<byte> response)
        {
            int length = inner.Transmit(command, response);
            Answers.AddRange([(byte)(length >> 8), (byte)(length & 0xFF), .. response[..length]]);
            return length;
        }

        public IDisposable BeginTransaction() => inner.BeginTransaction();

        public void Reconnect() => inner.Reconnect();

        public void Dispose() => inner.Dispose();
    }

    private sealed class CountingTouch : ITouchSource, IDisposable
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public bool Wait(byte slot, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _count);
            return true;
        }

        public void Dispose()
        {
        }
    }

    // A reader whose card is exchanged for another between two commands; PC/SC tells that as a reset.
    private sealed class SwappingChannel(SimulatedCard first) : ICardChannel
    {
        private SimulatedCard _card = first;
        private bool _isLost;

        public List<string> Commands { get; } = [];

        public string ReaderName => "reader";

        public ReadOnlyMemory<byte> Atr => _card.Atr;

        public bool TakesExtendedLength => true;

        public void Swap(SimulatedCard card)
        {
            _card = card;
            _card.PowerCycle();
            _isLost = true;
            Commands.Clear();
        }

        public int Transmit(ReadOnlySpan<byte> command, Span<byte> response)
        {
            Commands.Add(Convert.ToHexString(command));
            byte[] answer = _card.Transmit(command);
            answer.CopyTo(response);
            return answer.Length;
        }

        public IDisposable BeginTransaction() => _isLost ? throw new CardChannelException(CardFault.Reset, "reset", "") : new MemoryStream();

        public void Reconnect() => _isLost = false;

        public void Dispose()
        {
        }
    }
}
