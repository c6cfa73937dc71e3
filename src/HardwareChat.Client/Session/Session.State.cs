using System.Security.Cryptography;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client;

// struct {
//   uint16 version = 1;
//   Touch  touch;
//   opaque seed[32];                                                    the Ed25519 session key
//   optional<struct { SignedGrant grant; opaque key[32]; }> channel;
//   struct { opaque room_id[32]; SignedGrant grant; opaque private_key<V>; opaque public_key<V>; } rooms<V>;
//   opaque key_packages<V><V>;                                          as KeyPackageBundle saves itself
// } SavedSession;

public sealed partial class Session
{
    private const ushort FormatVersion = 1;
    private const int KeyLength = 32;
    private const int MostBytes = 8 * 1024 * 1024;

    /// <summary>The session as bytes, private keys included: to be sealed before it is stored. The caller disposes of them.</summary>
    public Secret Save()
    {
        using var buffer = new TlsBuffer(1 << 12);
        var writer = new TlsWriter(buffer);
        writer.WriteUInt16(FormatVersion);
        writer.Write(Touch);
        using (Secret seed = _signer.Export())
            writer.WriteFixed(seed.Span);
        writer.WriteOptional(ChannelKey is not null);
        if (ChannelKey is not null)
        {
            writer.Write(ChannelGrant!);
            WriteChannelKey(ref writer, ChannelKey);
        }

        writer.WriteVector(_rooms, static (ref writer, rooms) =>
        {
            foreach (RoomGrant room in rooms)
            {
                writer.Write(room.Room);
                writer.Write(room.Grant);
                writer.WriteOpaque(room.LeafKeys.PrivateKey.Span);
                writer.WriteOpaque(room.LeafKeys.PublicKey.Span);
            }
        });
        writer.WriteVector(_keyPackages, static (ref writer, bundles) =>
        {
            foreach (KeyPackageBundle bundle in bundles)
            {
                byte[] saved = bundle.Save();
                writer.WriteOpaque(saved);
                CryptographicOperations.ZeroMemory(saved);
            }
        });
        return Secret.CopyOf(buffer.WrittenSpan);
    }

    /// <summary>A session that was saved.</summary>
    /// <exception cref="DecodeException">The bytes are not a saved session.</exception>
    public static Session Restore(ReadOnlySpan<byte> saved)
    {
        var reader = new TlsReader(saved);
        if (reader.ReadUInt16() != FormatVersion)
            throw reader.Malformed("the saved session is of another format version");
        Touch touch = Touch.Read(ref reader);
        var signer = SignaturePrivateKey.Import(Mls.SignatureScheme.Ed25519, reader.ReadFixed(KeyLength));
        Key? channelKey = null;
        List<RoomGrant> rooms = [];
        List<KeyPackageBundle> bundles = [];
        var session = new Restored(signer, rooms, bundles);
        try
        {
            if (!SessionSuite.VerifyingKeyOf(signer).Equals(touch.SessionKey))
                throw reader.Malformed("the saved session key is not the touch's");
            SignedGrant? channel = null;
            if (reader.ReadOptional())
            {
                channel = SignedGrant.Read(ref reader);
                channelKey = Key.Import(
                    KeyAgreementAlgorithm.X25519,
                    reader.ReadFixed(KeyLength),
                    KeyBlobFormat.RawPrivateKey,
                    new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
            }

            TlsReader list = reader.ReadVector(MostBytes);
            while (!list.IsEmpty)
            {
                RoomId room = RoomId.Read(ref list);
                SignedGrant grant = SignedGrant.Read(ref list);
                var key = new HpkePrivateKey(list.ReadOpaque(KeyLength));
                rooms.Add(new RoomGrant(room, grant, new HpkeKeyPair(key, new HpkePublicKey(list.ReadOpaque(KeyLength)))));
            }

            list = reader.ReadVector(MostBytes);
            while (!list.IsEmpty)
                bundles.Add(KeyPackageBundle.Restore(list.ReadOpaque(MostBytes)));
            reader.ThrowIfNotEmpty();
            return new Session(touch, signer, channel, channelKey, rooms, bundles);
        }
        catch
        {
            channelKey?.Dispose();
            session.Erase();
            throw;
        }
    }

    /// <summary>Reads any bytes as a saved session, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        using Session session = Restore(input);
        using Secret saved = session.Save();
        if (!saved.Span.SequenceEqual(input))
            throw new CryptographicException("A saved session has two encodings.");
    }

    private static void WriteChannelKey(ref TlsWriter writer, Key key)
    {
        byte[] scalar = GC.AllocateUninitializedArray<byte>(KeyLength, pinned: true);
        try
        {
            if (!key.TryExport(KeyBlobFormat.RawPrivateKey, scalar, out int written) || written != KeyLength)
                throw new InvalidOperationException("The channel key does not export.");
            writer.WriteFixed(scalar);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    // What has been read so far, to be erased should the rest be malformed.
    private readonly record struct Restored(SignaturePrivateKey Signer, List<RoomGrant> Rooms, List<KeyPackageBundle> Bundles)
    {
        public void Erase()
        {
            Signer.Dispose();
            foreach (RoomGrant room in Rooms)
                room.LeafKeys.Dispose();
            foreach (KeyPackageBundle bundle in Bundles)
                bundle.Dispose();
        }
    }
}
