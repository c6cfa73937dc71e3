using System.Buffers.Binary;
using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator.Keys;
using HardwareChat.Tokens.Simulator.State;
using HardwareChat.Tokens.Simulator.Touch;

namespace HardwareChat.Tokens.Simulator;

/// <summary>A PIV card in software that behaves as a YubiKey does: bytes in, bytes out.</summary>
/// <remarks>
/// <para>It is for tests, demonstrations and development. Its keys are in this process's memory and in a file; its attestations say
/// "simulated". It guards nothing against whoever can read either.</para>
/// <para>Everything that a command changed is on disk before the command is answered. Thread-safe: one command at a time.</para>
/// </remarks>
public sealed class SimulatedCard : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CardContext _context;
    private readonly CardProcessor _processor;
    private readonly TimeProvider _clock;
    private readonly IDisposable? _claim;
    private readonly CardStateFile? _file;
    private CancellationTokenSource? _inserted = new();
    private object? _transaction;
    private bool _disposed;

    internal SimulatedCard(CardState state, ITouchSource touch, TimeProvider clock, CardStateFile? file, IDisposable? claim)
    {
        (_clock, _file, _claim) = (clock, file, claim);
        _context = new CardContext(state, new CardSession(), new TouchGate(touch, clock)) { Removed = _inserted.Token };
        _processor = new CardProcessor(_context);
    }

    /// <summary>The firmware that the card has.</summary>
    public FirmwareProfile Profile => _context.State.Profile;

    /// <summary>The serial number.</summary>
    public uint Serial => _context.State.Serial;

    /// <summary>The answer to reset.</summary>
    public ReadOnlyMemory<byte> Atr => Profile.Atr;

    /// <summary>Faults to come.</summary>
    public FaultScript Faults { get; } = new();

    /// <summary>Whether the card is in its reader.</summary>
    public bool IsInserted
    {
        get
        {
            lock (_gate)
                return _inserted is not null;
        }
    }

    /// <summary>How often the card has gained power: a conversation begun under another number has been reset.</summary>
    internal int PowerCycles { get; private set; }

    /// <summary>A new card that lives in memory alone: default PIN 123456, PUK 12345678, default management key.</summary>
    /// <param name="profile">Its firmware.</param>
    /// <param name="serial">Its serial number.</param>
    /// <param name="root">Signs the card's attestation certificate; not kept.</param>
    /// <param name="touch">Where its touches come from.</param>
    /// <param name="clock">Times the touches; the system's if null.</param>
    public static SimulatedCard Create(
        FirmwareProfile profile, uint serial, SimulatedAttestationRoot root, ITouchSource touch, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(touch);
        return new SimulatedCard(NewState(profile, serial, root), touch, clock ?? TimeProvider.System, file: null, claim: null);
    }

    /// <summary>Sends one command APDU and gives the response APDU. Blocks while the card waits for a touch.</summary>
    /// <exception cref="CardChannelException">The card is not in its reader, or a scripted fault struck.</exception>
    public byte[] Transmit(ReadOnlySpan<byte> command)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_inserted is null)
                throw Faulted(CardFault.Removed);
            switch (Faults.Take())
            {
                case FaultScript.Fault.Remove:
                    RemoveNow();
                    throw Faulted(CardFault.Removed);
                case FaultScript.Fault.Reset:
                    PowerCycleNow();
                    throw Faulted(CardFault.Reset);
                case FaultScript.Fault.TimeOut:
                    throw Faulted(CardFault.NotResponding);
                case FaultScript.Fault.Answer answer:
                    return [.. answer.Bytes];
                case FaultScript.Fault.Delay delay:
                    Task.Delay(delay.Span, _clock).Wait();
                    break;
            }
            byte[] response = _processor.Process(command);
            if (_context.State.IsDirty)
                _file?.Save(_context.State);
            _context.State.IsDirty = false;

            // Pulled out while it waited for a touch, it answers nothing.
            return _context.Removed.IsCancellationRequested ? throw Faulted(CardFault.Removed) : response;
        }
    }

    /// <summary>Takes power and gives it again: what was selected and verified is forgotten.</summary>
    public void PowerCycle()
    {
        lock (_gate)
            PowerCycleNow();
    }

    /// <summary>Pulls the card out of its reader; a touch that is awaited will not come.</summary>
    public void Remove()
    {
        _inserted?.Cancel();
        lock (_gate)
            RemoveNow();
    }

    /// <summary>Puts the card into its reader again.</summary>
    public void Insert()
    {
        lock (_gate)
        {
            if (_inserted is not null)
                return;
            _inserted = new CancellationTokenSource();
            _context.Removed = _inserted.Token;
            PowerCycleNow();
        }
    }

    /// <summary>Ends the card, zeroing its keys in memory; its file stays.</summary>
    public void Dispose()
    {
        Remove();
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _context.State.Dispose();
            _file?.Dispose();
            _claim?.Dispose();
        }
    }

    /// <summary>
    /// Fuzz entry: a card takes any sequence of commands and answers each with a status word. The first byte says whether the card
    /// starts unlocked; then each command has a length of two bytes.
    /// </summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        using var root = SimulatedAttestationRoot.Create(DateTimeOffset.UnixEpoch);
        using var card = Create(FirmwareProfile.All[data[0] % FirmwareProfile.All.Count], 1, root, new AutomaticTouch());
        card.Transmit([0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08]);
        if ((data[0] & 0x80) != 0)
        {
            card._context.Session.ManagementAuthenticated = true;
            card._context.Session.AcceptPin();
        }
        ReadOnlySpan<byte> rest = data[1..];
        while (rest.Length >= sizeof(ushort))
        {
            int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Length - sizeof(ushort));
            byte[] response = card.Transmit(rest.Slice(sizeof(ushort), length));
            if (response.Length is < 2 or > CommandAssembly.LargestCommand + 16)
                throw new InvalidOperationException("a response has no status word, or more than the card can hold");
            rest = rest[(sizeof(ushort) + length)..];
        }
    }

    internal static CardState NewState(FirmwareProfile profile, uint serial, SimulatedAttestationRoot root)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(root);
        var state = new CardState(
            profile,
            serial,
            FormFactor.UsbAKeychain,
            new ReferenceValue(CardState.DefaultPin, CardState.DefaultTries, CardState.DefaultTries),
            new ReferenceValue(CardState.DefaultPuk, CardState.DefaultTries, CardState.DefaultTries),
            new CardManagementKey(profile.DefaultManagementAlgorithm, CardManagementKey.Default, TouchPolicy.Never),
            [],
            []);
        var attestationKey = EllipticCurveKey.Generate(PivAlgorithm.EccP256);
        state.PutKey(PivSlot.Attestation, new SlotKey(attestationKey, KeyOrigin.Imported, PinPolicy.Never, TouchPolicy.Never));
        using X509Certificate2 certificate = root.CertifyCard(attestationKey.SubjectPublicKeyInfo);
        // SP 800-73-4 Part 1 Table 10: certificate, CertInfo (not compressed), error detection code (empty).
        state.PutObject(
            PivSlot.Attestation.CertificateObject,
            new BerTlvWriter().Write(0x70, certificate.RawData).Write(0x71, [0]).Write(0xFE, []).Written);
        return state;
    }

    /// <summary>Keeps other conversations out; false if another one has the card.</summary>
    internal bool TryBegin(object conversation)
    {
        lock (_gate)
        {
            if (_transaction is not null && _transaction != conversation)
                return false;
            _transaction = conversation;
            return true;
        }
    }

    internal bool IsHeldByAnother(object conversation)
    {
        lock (_gate)
            return _transaction is not null && _transaction != conversation;
    }

    internal void End(object conversation)
    {
        lock (_gate)
        {
            if (_transaction == conversation)
                _transaction = null;
        }
    }

    internal static CardChannelException Faulted(CardFault fault) => fault switch
    {
        CardFault.Removed => new CardChannelException(fault, "the simulated card was taken out", "put it in again"),
        CardFault.Reset => new CardChannelException(fault, "the simulated card was reset", "begin anew"),
        CardFault.Busy => new CardChannelException(fault, "another conversation has the simulated card", "try again when it has ended"),
        _ => new CardChannelException(fault, "the simulated card does not answer", "take it out and put it in again"),
    };

    private void PowerCycleNow()
    {
        _processor.PowerCycle();
        PowerCycles++;
    }

    private void RemoveNow()
    {
        _inserted?.Dispose();
        _inserted = null;
        _processor.PowerCycle();
    }
}
