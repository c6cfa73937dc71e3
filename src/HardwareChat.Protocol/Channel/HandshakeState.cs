using System.Security.Cryptography;
using NSec.Cryptography;

namespace HardwareChat.Protocol;

// Noise rev 34 §5.3, §7.5 (the pattern XX), §12 (25519, ChaChaPoly, SHA256):
//
//   XX:
//     -> e
//     <- e, ee, s, es
//     -> s, se
//
// s lives in the caller's NSec Key. e lives in pinned memory from the message that sends it to Dispose. Where a shared secret
// comes out all zeros (a low-order point), the handshake ends: Noise leaves it open (§9.1), we do not.

/// <summary>Which end of a handshake this is.</summary>
public enum NoiseRole
{
    /// <summary>Alice: sends the first message. In HardwareChat, the client.</summary>
    Initiator,

    /// <summary>Bob: answers it. In HardwareChat, the relay.</summary>
    Responder,
}

/// <summary>Noise's HandshakeState for <c>Noise_XX_25519_ChaChaPoly_SHA256</c> (Noise rev 34 §5.3).</summary>
/// <remarks>
/// A failure ends it: whatever is called afterwards throws <see cref="ObjectDisposedException"/>. Messages alternate, the
/// initiator's first; a call out of turn is the caller's mistake and throws <see cref="InvalidOperationException"/>.
/// </remarks>
public sealed class HandshakeState : IDisposable
{
    /// <summary>DHLEN of 25519.</summary>
    public const int KeySize = 32;

    /// <summary>Messages of the pattern XX.</summary>
    public const int MessageCount = 3;

    /// <summary>The most bytes of a Noise message (Noise rev 34 §3).</summary>
    public const int MaxMessageSize = 65535;

    private static ReadOnlySpan<byte> ProtocolName => "Noise_XX_25519_ChaChaPoly_SHA256"u8;

    private readonly NoiseRole _role;
    private readonly SymmetricState _symmetric = new(ProtocolName);
    private readonly Key _s;
    private readonly byte[] _e = Sodium.Pinned(KeySize);
    private readonly byte[] _ePublic = new byte[KeySize];
    private readonly byte[] _re = new byte[KeySize];
    private readonly byte[] _rs = new byte[KeySize];
    private int _message;
    private bool _over;

    /// <summary>Noise's Initialize(XX, initiator, prologue, s).</summary>
    /// <param name="role">Which end this is.</param>
    /// <param name="prologue">What both ends must agree on.</param>
    /// <param name="staticKey">s, an X25519 key; stays the caller's, and must outlive the handshake.</param>
    public HandshakeState(NoiseRole role, ReadOnlySpan<byte> prologue, Key staticKey)
    {
        ArgumentNullException.ThrowIfNull(staticKey);
        if (staticKey.Algorithm != KeyAgreementAlgorithm.X25519)
            throw new ArgumentException("a static key of this handshake is an X25519 key", nameof(staticKey));
        _role = role;
        _s = staticKey;
        _symmetric.MixHash(prologue);
        RandomNumberGenerator.Fill(_e);
        Sodium.X25519Base(_e, _ePublic);
    }

    /// <summary>As the other constructor, with a chosen e: for test vectors. An e that is ever used twice betrays what it protected.</summary>
    public static HandshakeState WithFixedEphemeral(NoiseRole role, ReadOnlySpan<byte> prologue, Key staticKey, ReadOnlySpan<byte> ephemeral)
    {
        var state = new HandshakeState(role, prologue, staticKey);
        ephemeral.CopyTo(state._e);
        Sodium.X25519Base(state._e, state._ePublic);
        return state;
    }

    /// <summary>Whether all three messages have passed.</summary>
    public bool IsComplete => _message == MessageCount;

    /// <summary>rs: the peer's static key, once its message has been read. Authentic only when the message that carried it was.</summary>
    /// <exception cref="InvalidOperationException">It has not arrived yet.</exception>
    public ReadOnlySpan<byte> RemoteStatic
        => _message > (_role == NoiseRole.Initiator ? 1 : 2) ? _rs : throw new InvalidOperationException("the peer has not sent its static key yet");

    /// <summary>h: the same on both ends, and different in every handshake (Noise rev 34 §11.2).</summary>
    public ReadOnlySpan<byte> HandshakeHash => _symmetric.HandshakeHash;

    /// <summary>Bytes that the next message has beyond its payload.</summary>
    public int NextOverhead => _message switch
    {
        0 => KeySize,
        1 => KeySize + KeySize + CipherState.TagSize + CipherState.TagSize,
        _ => KeySize + CipherState.TagSize + CipherState.TagSize,
    };

    /// <summary>Noise's WriteMessage(payload, message_buffer).</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ChannelException">The peer's ephemeral is a point of low order.</exception>
    public int WriteMessage(ReadOnlySpan<byte> payload, Span<byte> message)
    {
        Begin(writing: true);
        int length = NextOverhead + payload.Length;
        if (length > MaxMessageSize)
            throw new ArgumentException("the payload does not fit into a Noise message", nameof(payload));
        if (message.Length < length)
            throw new ArgumentException("the buffer has no room for the message", nameof(message));
        try
        {
            int at = _message switch
            {
                0 => WriteE(message),
                1 => WriteEEeSEs(message),
                _ => WriteSSe(message),
            };
            at += _symmetric.EncryptAndHash(payload, message[at..]);
            _message++;
            return at;
        }
        catch (ChannelException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Noise's ReadMessage(message, payload_buffer).</summary>
    /// <returns>Bytes of payload.</returns>
    /// <exception cref="ChannelException">It is too short or too long, not authentic, or brings a point of low order.</exception>
    public int ReadMessage(ReadOnlySpan<byte> message, Span<byte> payload)
    {
        Begin(writing: false);
        try
        {
            if (message.Length < NextOverhead || message.Length > MaxMessageSize)
                throw new ChannelException(ChannelRule.HandshakeMessageSize);
            int at = _message switch
            {
                0 => ReadE(message),
                1 => ReadEEeSEs(message),
                _ => ReadSSe(message),
            };
            if (!_symmetric.DecryptAndHash(message[at..], payload, out int written))
                throw new ChannelException(ChannelRule.HandshakeDecrypts);
            _message++;
            return written;
        }
        catch (ChannelException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Noise's Split(), from this end's view. The caller disposes both; this state is over.</summary>
    public (CipherState Sending, CipherState Receiving) Split()
    {
        ObjectDisposedException.ThrowIf(_over, this);
        if (!IsComplete)
            throw new InvalidOperationException("the handshake is not complete");
        (CipherState initiator, CipherState responder) = _symmetric.Split();
        Dispose();
        return _role == NoiseRole.Initiator ? (initiator, responder) : (responder, initiator);
    }

    /// <summary>Zeroes e and the symmetric state; the caller's s is untouched.</summary>
    public void Dispose()
    {
        _over = true;
        CryptographicOperations.ZeroMemory(_e);
        _symmetric.Dispose();
    }

    private void Begin(bool writing)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        bool initiatorsTurn = _message % 2 == 0;
        if (IsComplete || writing != (initiatorsTurn == (_role == NoiseRole.Initiator)))
            throw new InvalidOperationException("it is not this end's turn");
    }

    private int WriteE(Span<byte> message)
    {
        _ePublic.CopyTo(message);
        _symmetric.MixHash(_ePublic);
        return KeySize;
    }

    private int ReadE(ReadOnlySpan<byte> message)
    {
        message[..KeySize].CopyTo(_re);
        _symmetric.MixHash(_re);
        return KeySize;
    }

    private int WriteEEeSEs(Span<byte> message)
    {
        int at = WriteE(message);
        MixDhOfE(_re);
        at += WriteS(message[at..]);
        MixDhOfS(_re);
        return at;
    }

    private int ReadEEeSEs(ReadOnlySpan<byte> message)
    {
        int at = ReadE(message);
        MixDhOfE(_re);
        at += ReadS(message[at..]);
        MixDhOfE(_rs);
        return at;
    }

    private int WriteSSe(Span<byte> message)
    {
        int at = WriteS(message);
        MixDhOfS(_re);
        return at;
    }

    private int ReadSSe(ReadOnlySpan<byte> message)
    {
        int at = ReadS(message);
        MixDhOfE(_rs);
        return at;
    }

    private int WriteS(Span<byte> message)
    {
        Span<byte> publicKey = stackalloc byte[KeySize];
        _s.PublicKey.TryExport(KeyBlobFormat.RawPublicKey, publicKey, out _);
        return _symmetric.EncryptAndHash(publicKey, message);
    }

    private int ReadS(ReadOnlySpan<byte> message)
    {
        const int size = KeySize + CipherState.TagSize;
        if (!_symmetric.DecryptAndHash(message[..size], _rs, out _))
            throw new ChannelException(ChannelRule.HandshakeDecrypts);
        return size;
    }

    private void MixDhOfE(ReadOnlySpan<byte> remote)
    {
        Span<byte> shared = stackalloc byte[KeySize];
        if (!Sodium.X25519(_e, remote, shared))
            throw new ChannelException(ChannelRule.SharedSecretIsNotZero);
        _symmetric.MixKey(shared);
        CryptographicOperations.ZeroMemory(shared);
    }

    private void MixDhOfS(ReadOnlySpan<byte> remote)
    {
        var exportable = new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
        if (!PublicKey.TryImport(KeyAgreementAlgorithm.X25519, remote, KeyBlobFormat.RawPublicKey, out PublicKey? point) || point is null)
            throw new ChannelException(ChannelRule.SharedSecretIsNotZero);
        using SharedSecret? secret = KeyAgreementAlgorithm.X25519.Agree(_s, point, exportable);
        if (secret is null)
            throw new ChannelException(ChannelRule.SharedSecretIsNotZero);
        Span<byte> shared = stackalloc byte[KeySize];
        secret.TryExport(SharedSecretBlobFormat.RawSharedSecret, shared, out _);
        _symmetric.MixKey(shared);
        CryptographicOperations.ZeroMemory(shared);
    }
}
