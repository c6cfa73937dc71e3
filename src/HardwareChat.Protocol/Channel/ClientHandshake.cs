using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Protocol;

// The client's end, as three types, so that no step can be left out:
//
//   ClientHandshake --CreateHello, ConsumeRelayAuth--> VerifiedRelay --CreateClientAuth--> AwaitingReady --ConsumeReady--> SecureChannel
//
// Who the client is goes into CreateClientAuth, and only a relay that has proved itself has that method.

/// <summary>Whether <paramref name="relayKey"/> is the pinned key, or a relay statement that verifies under the client's own replica names it.</summary>
/// <param name="relayKey">The key that the relay showed.</param>
/// <param name="succession">The statement that it showed with it; untrusted.</param>
public delegate bool RelayKeyCheck(Digest relayKey, SignedStatement? succession);

/// <summary>The client's end of a channel's handshake, until the relay has proved who it is.</summary>
public sealed class ClientHandshake : IDisposable
{
    private readonly HandshakeState _noise;
    private readonly RegistryId _registry;
    private readonly RelayKeyCheck _relayKeyCheck;
    private VerifiedRelay? _verified;

    /// <summary>A handshake on a WebSocket that has been opened.</summary>
    /// <param name="offered">The Sec-WebSocket-Protocol list, as it was sent.</param>
    /// <param name="chosen">What the relay answered.</param>
    /// <param name="registry">The registry that the client means.</param>
    /// <param name="staticKey">s, the session's channel key, X25519; stays the caller's.</param>
    /// <param name="relayKeyCheck">The pin.</param>
    /// <exception cref="ChannelException">The relay chose what was not offered.</exception>
    public ClientHandshake(string offered, string chosen, RegistryId registry, Key staticKey, RelayKeyCheck relayKeyCheck)
        : this(new HandshakeState(NoiseRole.Initiator, Subprotocol.Prologue(offered, chosen, registry), staticKey), registry, relayKeyCheck)
    {
    }

    /// <summary>A handshake over a Noise state of the caller's making, which this one owns: for test vectors.</summary>
    public ClientHandshake(HandshakeState noise, RegistryId registry, RelayKeyCheck relayKeyCheck)
    {
        ArgumentNullException.ThrowIfNull(noise);
        ArgumentNullException.ThrowIfNull(relayKeyCheck);
        _noise = noise;
        _registry = registry;
        _relayKeyCheck = relayKeyCheck;
    }

    /// <summary>Message 1: e, and no extensions.</summary>
    public byte[] CreateHello() => HandshakeMessages.Write(_noise, static (ref writer, _) => Extension.WriteList(ref writer, []), 0);

    /// <summary>Message 2: reads it, and decides whether this is the relay.</summary>
    /// <param name="message">As it arrived.</param>
    /// <param name="now">The client's clock, Unix seconds.</param>
    /// <exception cref="DecodeException">Malformed.</exception>
    /// <exception cref="ChannelException">A check failed; nothing of the client was said, and nothing will be.</exception>
    public VerifiedRelay ConsumeRelayAuth(ReadOnlySpan<byte> message, ulong now)
    {
        try
        {
            RelayAuth auth = RelayAuth.Decode(HandshakeMessages.Read(_noise, message, HandshakeState.MaxMessageSize));
            Check(auth, now);
            return _verified = new VerifiedRelay(_noise, auth);
        }
        catch (Exception e) when (e is DecodeException or ChannelException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Zeroes what is left of the handshake, unless it has been handed on.</summary>
    public void Dispose()
    {
        if (_verified is null)
            _noise.Dispose();
    }

    /// <summary>The client's end against any relay, for fuzzing: the first byte chooses how deep the rest of the input gets.</summary>
    /// <remarks>0: message 2 as it is. 1: the payload of a message 2 that decrypts. 2: the first record as it is. 3: the plaintext of a first record that decrypts.</remarks>
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
        RelayAuth good = keys.RelayAuth();
        using var relay = new HandshakeState(NoiseRole.Responder, prologue, keys.Relay);
        using var client = new ClientHandshake(new HandshakeState(NoiseRole.Initiator, prologue, keys.Client), default, RelayPin.Of(good.RelayKey));
        HandshakeMessages.Read(relay, client.CreateHello(), ProtocolLimits.HelloBytes);
        byte[] rest = input[1..].ToArray();
        if (input[0] == 0 || rest.Length > ProtocolLimits.ClientAuthBytes)
        {
            client.ConsumeRelayAuth(rest, FuzzKeys.Now);
            return;
        }
        byte[] payload = input[0] == 1 ? rest : TlsWriter.Encode(good);
        byte[] second = HandshakeMessages.Write(relay, static (ref writer, payload) => writer.WriteFixed(payload), payload);
        using VerifiedRelay verified = client.ConsumeRelayAuth(second, FuzzKeys.Now);
        using AwaitingReady awaiting = verified.CreateClientAuth(new ClientAuth.Guest(good.RelayKey, new byte[64]), out byte[] third);
        HandshakeMessages.Read(relay, third, ProtocolLimits.ClientAuthBytes);
        (CipherState sending, CipherState receiving) = relay.Split();
        byte[] record = rest;
        if (input[0] == 3)
        {
            record = new byte[rest.Length + CipherState.TagSize];
            sending.EncryptWithAd([], rest, record);
        }
        sending.Dispose();
        receiving.Dispose();
        using SecureChannel channel = awaiting.ConsumeReady(record, out _);
    }

    private void Check(RelayAuth auth, ulong now)
    {
        RelayStatic certified = auth.Static;
        if (certified.StaticKey != new Digest(_noise.RemoteStatic))
            throw new ChannelException(ChannelRule.RelayStaticIsTheHandshakes);
        if (certified.RegistryId != _registry)
            throw new ChannelException(ChannelRule.RelayStaticIsOfThisRegistry);
        VerifyingKey relayKey = Ed25519Key(auth.RelayKey);
        if (!relayKey.Verify(Labels.RelayStatic, TlsWriter.Encode(certified), auth.Signature))
            throw new ChannelException(ChannelRule.RelayStaticIsSigned);
        bool current = certified.NotBefore <= now && now <= certified.NotAfter;
        if (!current || certified.NotAfter - certified.NotBefore > ProtocolLimits.RelayStaticLifetime)
            throw new ChannelException(ChannelRule.RelayStaticIsCurrent);
        if (!_relayKeyCheck(auth.RelayKey, auth.Succession))
            throw new ChannelException(ChannelRule.RelayKeyIsPinned);
    }

    private static VerifyingKey Ed25519Key(Digest raw) => VerifyingKey.FromRaw(SignatureScheme.Ed25519, raw.ToArray());
}

/// <summary>A relay that has proved who it is: only to it may the client say who it is itself.</summary>
public sealed class VerifiedRelay : IDisposable
{
    private readonly HandshakeState _noise;

    internal VerifiedRelay(HandshakeState noise, RelayAuth auth)
    {
        _noise = noise;
        RelayAuth = auth;
    }

    /// <summary>What the relay showed.</summary>
    public RelayAuth RelayAuth { get; }

    /// <summary>The relay's identity: what a grant's context must be. After a succession it is the new one.</summary>
    public RelayId RelayId => RelayId.OfKey(RelayAuth.RelayKey.ToArray());

    /// <summary>Message 3: s, and who the client is.</summary>
    /// <exception cref="ChannelException">The relay's ephemeral is a point of low order.</exception>
    public AwaitingReady CreateClientAuth(ClientAuth auth, out byte[] message)
    {
        ArgumentNullException.ThrowIfNull(auth);
        message = HandshakeMessages.Write(_noise, static (ref writer, auth) => auth.WriteTo(ref writer), auth);
        if (message.Length > ProtocolLimits.ClientAuthBytes)
            throw new ArgumentException("the client's proof is longer than message 3 may be", nameof(auth));
        byte[] hash = _noise.HandshakeHash.ToArray();
        (CipherState sending, CipherState receiving) = _noise.Split();
        return new AwaitingReady(sending, receiving, hash);
    }

    /// <summary>Zeroes the handshake.</summary>
    public void Dispose() => _noise.Dispose();
}

/// <summary>A client that has said who it is, and waits to be let in.</summary>
public sealed class AwaitingReady : IDisposable
{
    private readonly CipherState _sending;
    private readonly CipherState _receiving;
    private readonly byte[] _handshakeHash;
    private bool _handedOn;

    internal AwaitingReady(CipherState sending, CipherState receiving, byte[] handshakeHash)
    {
        _sending = sending;
        _receiving = receiving;
        _handshakeHash = handshakeHash;
    }

    /// <summary>The relay's first record. A socket that ends before it is a refusal, whose reason the relay does not tell.</summary>
    /// <param name="record">As it arrived; opened in place.</param>
    /// <param name="ready">What the relay said.</param>
    /// <exception cref="DecodeException">Malformed.</exception>
    /// <exception cref="ChannelException">Not authentic, or too long.</exception>
    public SecureChannel ConsumeReady(Span<byte> record, out Ready ready)
    {
        try
        {
            if (record.Length > ProtocolLimits.RecordBytes)
                throw new ChannelException(ChannelRule.RecordSize);
            if (!_receiving.DecryptWithAd([], record, record, out int length))
                throw new ChannelException(ChannelRule.RecordDecrypts);
            ready = Ready.Decode(record[..length]);
        }
        catch (Exception e) when (e is DecodeException or ChannelException)
        {
            Dispose();
            throw;
        }
        _handedOn = true;
        return new SecureChannel(_sending, _receiving, ready.NotAfter, ProtocolLimits.FrameBytes, _handshakeHash);
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
