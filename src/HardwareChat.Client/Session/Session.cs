using HardwareChat.Mls;
using HardwareChat.Protocol;
using NSec.Cryptography;

namespace HardwareChat.Client;

// The life of one touch. All that it made lives here: the session key that signs in rooms, the channel key, a leaf key for each room, key
// packages. What is used up leaves (Withdraw); the rest is erased with the session. Session.State.cs: how it is kept.

/// <summary>What one touch made: keys, and the token's grants over them. Disposing erases the keys.</summary>
public sealed partial class Session : IDisposable
{
    private readonly SignaturePrivateKey _signer;
    private readonly List<RoomGrant> _rooms;
    private readonly List<KeyPackageBundle> _keyPackages;

    internal Session(
        Touch touch, SignaturePrivateKey ownedSigner, SignedGrant? channel, Key? ownedChannelKey, List<RoomGrant> ownedRooms, List<KeyPackageBundle> ownedKeyPackages)
    {
        Touch = touch;
        _signer = ownedSigner;
        ChannelGrant = channel;
        ChannelKey = ownedChannelKey;
        _rooms = ownedRooms;
        _keyPackages = ownedKeyPackages;
    }

    /// <summary>The touch.</summary>
    public Touch Touch { get; }

    /// <summary>The session's name.</summary>
    public SessionId Id => Touch.SessionId;

    /// <summary>Signs in rooms.</summary>
    public IMlsSigner Signer => _signer;

    /// <summary>The grant of channels; null if none was wanted.</summary>
    public SignedGrant? ChannelGrant { get; }

    /// <summary>The X25519 key of channels, owned by the session; null if none was wanted.</summary>
    public Key? ChannelKey { get; }

    /// <summary>What is there for rooms.</summary>
    public IReadOnlyList<RoomGrant> Rooms => _rooms;

    /// <summary>The key packages that are not used up, with their private keys.</summary>
    public IReadOnlyList<KeyPackageBundle> KeyPackages => _keyPackages;

    /// <summary>What the touch gave for this room; null if it gave nothing.</summary>
    public RoomGrant? GrantFor(RoomId room) => _rooms.Find(grant => grant.Room == room);

    /// <summary>The key package that a Welcome answers; null if it is none of this session's, or used up.</summary>
    public KeyPackageBundle? KeyPackageFor(Welcome welcome)
    {
        ArgumentNullException.ThrowIfNull(welcome);
        return _keyPackages.Find(bundle =>
        {
            byte[] reference = bundle.KeyPackage.ComputeReference(SessionSuite.Value);
            return welcome.NewMembers.Any(member => member.Span.SequenceEqual(reference));
        });
    }

    /// <summary>Erases a key package that has been used: a second Welcome to it is refused.</summary>
    public void Withdraw(KeyPackageBundle keyPackage)
    {
        ArgumentNullException.ThrowIfNull(keyPackage);
        if (_keyPackages.Remove(keyPackage))
            keyPackage.Dispose();
    }

    /// <summary>Erases what the touch gave for a room, once it is used: the group has keys of its own from then on.</summary>
    public void Withdraw(RoomGrant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        if (_rooms.Remove(grant))
            grant.LeafKeys.Dispose();
    }

    /// <summary>A copy that signs in rooms and has nothing else: what is used up later in this session is not kept on in the copy.</summary>
    public Session CopyForRooms()
    {
        using Secret key = _signer.Export();
        return new Session(Touch, SignaturePrivateKey.Import(Mls.SignatureScheme.Ed25519, key.Span), null, null, [], []);
    }

    /// <summary>A session of the same touch for one room: what the touch gave for the room goes over to it.</summary>
    /// <exception cref="ArgumentException">The touch gave nothing for the room, or it is used up.</exception>
    public Session SplitForRoom(RoomId room)
    {
        RoomGrant grant = GrantFor(room) ?? throw new ArgumentException("The session has no grant for this room.", nameof(room));
        using Secret key = _signer.Export();
        var split = new Session(Touch, SignaturePrivateKey.Import(Mls.SignatureScheme.Ed25519, key.Span), null, null, [grant], []);
        _rooms.Remove(grant);
        return split;
    }

    /// <summary>What is published of a key package: an MLSMessage.</summary>
    public static byte[] Publication(KeyPackageBundle keyPackage)
    {
        ArgumentNullException.ThrowIfNull(keyPackage);
        return new MlsMessage(keyPackage.KeyPackage).Encode();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signer.Dispose();
        ChannelKey?.Dispose();
        foreach (RoomGrant room in _rooms)
            room.LeafKeys.Dispose();
        foreach (KeyPackageBundle bundle in _keyPackages)
            bundle.Dispose();
        _rooms.Clear();
        _keyPackages.Clear();
    }
}
