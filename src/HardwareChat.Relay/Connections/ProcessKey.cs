using HardwareChat.Protocol;
using NSec.Cryptography;

namespace HardwareChat.Relay;

/// <summary>This process's X25519 static key, and the certificate that shows whose it is.</summary>
/// <param name="Key">The key; lives as long as a handshake may still use it.</param>
/// <param name="Auth">The certificate by relay_key.</param>
internal sealed record CertifiedKey(Key Key, RelayAuth Auth);

/// <summary>Makes a new static key every day, and whenever the registry's name or the relay's succession changes.</summary>
internal sealed class ProcessKey(RelayIdentity identity, RegistryView registry, RelayTime time) : IDisposable
{
    private const ulong Renewal = 24 * 3600;
    private const ulong ClockSlack = 3600;

    private readonly Lock _gate = new();
    private readonly List<CertifiedKey> _old = [];
    private CertifiedKey? _current;
    private SignedStatement? _succession;

    /// <summary>The key for a handshake that begins now.</summary>
    public CertifiedKey Current
    {
        get
        {
            ulong now = time.UnixSeconds();
            lock (_gate)
            {
                if (_current is { } current && IsFresh(current, now))
                    return current;
                return _current = Make(now);
            }
        }
    }

    /// <summary>Zeroes the keys.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _current?.Key.Dispose();
            _old.ForEach(static old => old.Key.Dispose());
            _old.Clear();
        }
    }

    private bool IsFresh(CertifiedKey current, ulong now)
    {
        RelayStatic certified = current.Auth.Static;
        return certified.RegistryId == registry.State.Id
            && ReferenceEquals(_succession, registry.Succession)
            && now >= certified.NotBefore
            && now - certified.NotBefore < Renewal + ClockSlack;
    }

    private CertifiedKey Make(ulong now)
    {
        if (_current is not null)
            Retire(_current);
        _succession = registry.Succession;
        Key key = Key.Create(KeyAgreementAlgorithm.X25519);
        var publicKey = new Digest(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        ulong notBefore = now - Math.Min(now, ClockSlack);
        var certified = new RelayStatic(registry.State.Id, publicKey, notBefore, notBefore + ProtocolLimits.RelayStaticLifetime);
        return new CertifiedKey(key, RelayAuth.Certify(identity.RelayKey, certified, _succession));
    }

    // A handshake that has begun with the old key ends with it: one generation is kept.
    private void Retire(CertifiedKey key)
    {
        _old.Add(key);
        if (_old.Count <= 2)
            return;
        _old[0].Key.Dispose();
        _old.RemoveAt(0);
    }
}
