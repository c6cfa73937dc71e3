using HardwareChat.Mls;
using HardwareChat.Protocol;
using NSec.Cryptography;

namespace HardwareChat.Client;

// wish -> SessionDraft (fresh keys, a TouchDraft over their grants) -> the token signs SigningInput -> Complete -> Session
//
// The keys are made before the touch, since the touch vouches for them by hash.

/// <summary>A session that waits for its token: fresh keys, and the touch that is to vouch for them. Disposing erases the keys.</summary>
public sealed class SessionDraft : IDisposable
{
    private readonly SignaturePrivateKey _signer;
    private readonly Key? _channelKey;
    private readonly List<(RoomId Room, HpkeKeyPair Pair)> _rooms = [];
    private readonly List<KeyPackageKeys> _keyPackages = [];
    private readonly TouchDraft _touch;
    private bool _isTaken;

    /// <summary>Fresh keys for all that is wanted, and a touch over them.</summary>
    /// <param name="token">The token that will sign.</param>
    /// <param name="registry">The registry as it is verified.</param>
    /// <param name="wish">What the touch is to be good for.</param>
    /// <param name="issuedAt">Unix seconds now, by the relay's clock as far as it is known: stamps are held against it.</param>
    /// <exception cref="ArgumentException">Nothing is wanted, or more than a touch holds.</exception>
    public SessionDraft(RegistryToken token, RegistryState registry, SessionWish wish, ulong issuedAt)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(wish);
        RegistryPolicy policy = registry.Policy;
        ulong notAfter = issuedAt + policy.SessionLifetime;
        CipherSuite suite = SessionSuite.Value;
        _signer = suite.GenerateSignatureKey();
        try
        {
            var items = new List<GrantItem>(wish.Items);
            if (wish.Relay is { } relay)
            {
                _channelKey = Key.Create(KeyAgreementAlgorithm.X25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
                items.Add(GrantItem.ForChannel(relay, _channelKey.PublicKey.Export(KeyBlobFormat.RawPublicKey), notAfter));
            }

            foreach (RoomId room in wish.Rooms)
            {
                HpkeKeyPair pair = suite.GenerateHpkeKeyPair();
                _rooms.Add((room, pair));
                items.Add(GrantItem.ForRoom(room, pair.PublicKey.Span, issuedAt + policy.RoomEntry));
            }

            for (int i = 0; i < wish.KeyPackages; i++)
            {
                var keys = KeyPackageKeys.Generate(suite);
                _keyPackages.Add(keys);
                items.Add(GrantItem.ForKeyPackage(keys.Leaf.PublicKey.Span, keys.Init.PublicKey.Span, issuedAt + policy.KeyPackageLifetime));
            }

            _touch = new TouchDraft(token, registry, SessionSuite.VerifyingKeyOf(_signer), items, issuedAt, notAfter);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The touch.</summary>
    public Touch Touch => _touch.Touch;

    /// <summary>The labelled bytes that the token's 9A key signs.</summary>
    public byte[] SigningInput() => _touch.SigningInput();

    /// <summary>The session, which takes over the keys; the draft is spent.</summary>
    /// <param name="signature">The token's, of fixed width.</param>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The signature is not this token's over this touch: the draft may be signed again.</exception>
    public Session Complete(ReadOnlySpan<byte> signature)
    {
        ObjectDisposedException.ThrowIf(_isTaken, this);
        var grants = new Queue<SignedGrant>(_touch.Complete(signature));
        var bundles = new List<KeyPackageBundle>();
        SignedGrant? channel = _channelKey is null ? null : grants.Dequeue();
        List<RoomGrant> rooms = [.. _rooms.Select(room => new RoomGrant(room.Room, grants.Dequeue(), room.Pair))];
        foreach (KeyPackageKeys keys in _keyPackages)
        {
            SignedGrant grant = grants.Dequeue();
            var lifetime = new Lifetime(grant.Touch.IssuedAt, grant.Item.EnterBy);
            bundles.Add(KeyPackageBundle.Create(SessionSuite.Value, _signer, SessionSuite.LeafOf(grant), lifetime, keys));
            keys.Dispose();
        }

        _isTaken = true;
        return new Session(Touch, _signer, channel, _channelKey, rooms, bundles);
    }

    /// <summary>Erases the keys, unless a session has taken them over.</summary>
    public void Dispose()
    {
        if (_isTaken)
            return;
        _isTaken = true;
        _signer.Dispose();
        _channelKey?.Dispose();
        foreach ((_, HpkeKeyPair pair) in _rooms)
            pair.Dispose();
        foreach (KeyPackageKeys keys in _keyPackages)
            keys.Dispose();
    }
}
