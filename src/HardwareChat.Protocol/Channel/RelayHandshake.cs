using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol;

// The relay's end:
//
//   RelayHandshake --ConsumeHello, CreateRelayAuth, ConsumeClientAuth--> AdmittedClient --CreateReady--> SecureChannel
//
// Whatever fails, the relay closes the socket in one way (CloseStatus.Refused, no reason) and writes nothing: a peer cannot
// tell a token that is unknown from one that is revoked, nor either from a message that does not decrypt.

/// <summary>The relay's end of a channel's handshake.</summary>
public sealed class RelayHandshake : IDisposable
{
    private readonly HandshakeState _noise;
    private readonly RelayAuth _auth;
    private bool _helloConsumed;

    /// <summary>A handshake on a WebSocket that has been accepted.</summary>
    /// <param name="offered">The client's Sec-WebSocket-Protocol list, as it arrived.</param>
    /// <param name="chosen">What the relay answered.</param>
    /// <param name="staticKey">The process's X25519 key, which <paramref name="auth"/> certifies; stays the caller's.</param>
    /// <param name="auth">The certificate.</param>
    /// <exception cref="ChannelException">Chosen is not what the relay speaks.</exception>
    public RelayHandshake(string offered, string chosen, Key staticKey, RelayAuth auth)
        : this(new HandshakeState(NoiseRole.Responder, Subprotocol.Prologue(offered, chosen, Checked(auth).Static.RegistryId), staticKey), auth)
    {
    }

    /// <summary>A handshake over a Noise state of the caller's making, which this one owns: for test vectors.</summary>
    public RelayHandshake(HandshakeState noise, RelayAuth auth)
    {
        ArgumentNullException.ThrowIfNull(noise);
        _noise = noise;
        _auth = Checked(auth);
    }

    /// <summary>Message 1.</summary>
    /// <exception cref="DecodeException">Malformed.</exception>
    /// <exception cref="ChannelException">A check failed.</exception>
    public void ConsumeHello(ReadOnlySpan<byte> message)
    {
        try
        {
            var reader = new TlsReader(HandshakeMessages.Read(_noise, message, ProtocolLimits.HelloBytes));
            Extension.ReadList(ref reader);
            reader.ThrowIfNotEmpty();
            _helloConsumed = true;
        }
        catch (Exception e) when (e is DecodeException or ChannelException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Message 2: the relay's proof, which nobody but the sender of message 1 can read.</summary>
    /// <exception cref="ChannelException">The client's ephemeral is a point of low order.</exception>
    public byte[] CreateRelayAuth()
    {
        if (!_helloConsumed)
            throw new InvalidOperationException("the client's hello comes first");
        return HandshakeMessages.Write(_noise, static (ref writer, auth) => auth.WriteTo(ref writer), _auth);
    }

    /// <summary>Message 3: who the client is, and whether it may come in.</summary>
    /// <param name="message">As it arrived.</param>
    /// <param name="now">The relay's clock, Unix seconds.</param>
    /// <param name="admission">What the relay knows.</param>
    /// <exception cref="DecodeException">Malformed.</exception>
    /// <exception cref="ChannelException">A check failed.</exception>
    public AdmittedClient ConsumeClientAuth(ReadOnlySpan<byte> message, ulong now, ChannelAdmission admission)
    {
        ArgumentNullException.ThrowIfNull(admission);
        try
        {
            ClientAuth auth = ClientAuth.Decode(HandshakeMessages.Read(_noise, message, ProtocolLimits.ClientAuthBytes));
            ulong notAfter = admission.Check(auth, _noise.RemoteStatic, now);
            byte[] hash = _noise.HandshakeHash.ToArray();
            (CipherState sending, CipherState receiving) = _noise.Split();
            return new AdmittedClient(auth, notAfter, sending, receiving, hash);
        }
        catch (Exception e) when (e is DecodeException or ChannelException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Zeroes what is left of the handshake.</summary>
    public void Dispose() => _noise.Dispose();

    /// <summary>The relay's end against any client, for fuzzing: the first byte chooses how deep the rest of the input gets.</summary>
    /// <remarks>0: message 1 as it is. 1: message 3 as it is. 2: the payload of a message 3 that decrypts. 3: the payload of a message 1.</remarks>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        try
        {
            FuzzCore(input);
        }
        catch (ChannelException)
        {
            // A refusal by a rule is an answer.
        }
    }

    private static void FuzzCore(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            throw new DecodeException("an input begins with its depth", 0);
        using var keys = new FuzzKeys();
        byte[] prologue = Subprotocol.Prologue(Subprotocol.Current, Subprotocol.Current, default);
        using var client = new HandshakeState(NoiseRole.Initiator, prologue, keys.Client);
        using var relay = new RelayHandshake(new HandshakeState(NoiseRole.Responder, prologue, keys.Relay), keys.RelayAuth());
        ReadOnlySpan<byte> rest = input[1..];
        if (input[0] == 0)
        {
            relay.ConsumeHello(rest);
            relay.CreateRelayAuth();
            return;
        }
        byte[] hello = input[0] == 3 && rest.Length <= ProtocolLimits.HelloBytes ? rest.ToArray() : [0];
        relay.ConsumeHello(HandshakeMessages.Write(client, static (ref writer, payload) => writer.WriteFixed(payload), hello));
        HandshakeMessages.Read(client, relay.CreateRelayAuth(), HandshakeState.MaxMessageSize);
        byte[] last = input[0] == 2 && rest.Length <= ProtocolLimits.ClientAuthBytes
            ? HandshakeMessages.Write(client, static (ref writer, payload) => writer.WriteFixed(payload), rest.ToArray())
            : rest.ToArray();
        using AdmittedClient admitted = relay.ConsumeClientAuth(last, FuzzKeys.Now, keys.Admission());
    }

    private static RelayAuth Checked(RelayAuth auth)
    {
        ArgumentNullException.ThrowIfNull(auth);
        return auth;
    }
}

/// <summary>A client that the relay lets in.</summary>
public sealed class AdmittedClient : IDisposable
{
    private readonly CipherState _sending;
    private readonly CipherState _receiving;
    private readonly byte[] _handshakeHash;
    private bool _handedOn;

    internal AdmittedClient(ClientAuth auth, ulong notAfter, CipherState sending, CipherState receiving, byte[] handshakeHash)
    {
        Auth = auth;
        NotAfter = notAfter;
        _sending = sending;
        _receiving = receiving;
        _handshakeHash = handshakeHash;
    }

    /// <summary>Who it is: verified.</summary>
    public ClientAuth Auth { get; }

    /// <summary>Unix seconds at which the relay ends the channel.</summary>
    public ulong NotAfter { get; }

    /// <summary>The first record: Ready.</summary>
    /// <param name="now">The relay's clock, Unix seconds.</param>
    /// <param name="checkpoint">The registry's newest signed checkpoint.</param>
    /// <param name="record">What to send.</param>
    public SecureChannel CreateReady(ulong now, ReadOnlyMemory<byte> checkpoint, out byte[] record)
    {
        byte[] plaintext = TlsWriter.Encode(new Ready(now, NotAfter, checkpoint, []));
        record = new byte[plaintext.Length + CipherState.TagSize];
        _sending.EncryptWithAd([], plaintext, record);
        _handedOn = true;
        int frameLimit = Auth is ClientAuth.Guest ? ProtocolLimits.GuestFrameBytes : ProtocolLimits.FrameBytes;
        return new SecureChannel(_sending, _receiving, NotAfter, frameLimit, _handshakeHash);
    }

    /// <summary>Zeroes the record keys, unless they have been handed on.</summary>
    public void Dispose()
    {
        if (_handedOn)
            return;
        _sending.Dispose();
        _receiving.Dispose();
    }
}
