using System.Security.Cryptography;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator.Keys;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Simulator.State;

/// <summary>The bytes of a card's state.</summary>
/// <remarks>
/// <code>
/// struct { opaque value[8]; uint8 tries; uint8 remaining; } Reference;
/// struct { uint8 slot; uint8 algorithm; uint8 origin; uint8 pin_policy; uint8 touch_policy; opaque private_key&lt;V&gt;; } Key;
/// struct { uint32 tag; opaque content&lt;V&gt;; } Object;
/// struct {
///   Reference pin, puk;
///   uint8 management_algorithm, management_touch; opaque management_key&lt;V&gt;;
///   Key keys&lt;V&gt;; Object objects&lt;V&gt;;
/// } CardState;
/// </code>
/// </remarks>
internal static class CardStateCodec
{
    private const int LargestKey = 4096;
    private const int LargestObject = 4096;
    private const int LargestList = 1 << 20;

    public static void Write(ref TlsWriter writer, CardState state)
    {
        WriteReference(ref writer, state.Pin);
        WriteReference(ref writer, state.Puk);
        writer.WriteUInt8((byte)state.Management.Algorithm);
        writer.WriteUInt8((byte)state.Management.TouchPolicy);
        writer.WriteOpaque(state.Management.Span);
        writer.WriteVector(state, static (ref TlsWriter keys, CardState state) =>
        {
            foreach ((byte slot, SlotKey key) in state.Keys)
            {
                keys.WriteUInt8(slot);
                keys.WriteUInt8((byte)key.Material.Algorithm);
                keys.WriteUInt8((byte)key.Origin);
                keys.WriteUInt8((byte)key.PinPolicy);
                keys.WriteUInt8((byte)key.TouchPolicy);
                byte[] secret = key.Material.ExportPrivate();
                keys.WriteOpaque(secret);
                CryptographicOperations.ZeroMemory(secret);
            }
        });
        writer.WriteVector(state, static (ref TlsWriter objects, CardState state) =>
        {
            foreach ((int tag, byte[] content) in state.Objects)
            {
                objects.WriteUInt32((uint)tag);
                objects.WriteOpaque(content);
            }
        });
    }

    /// <exception cref="DecodeException">The bytes are no card state.</exception>
    public static CardState Read(ref TlsReader reader, FirmwareProfile profile, uint serial, FormFactor formFactor)
    {
        ReferenceValue pin = ReadReference(ref reader);
        ReferenceValue puk = ReadReference(ref reader);
        var algorithm = (PivAlgorithm)reader.ReadUInt8();
        TouchPolicy touch = ReadTouchPolicy(ref reader);
        ReadOnlySpan<byte> key = reader.ReadOpaque(LargestKey);
        if (!profile.SupportsManagementCipher(algorithm) || key.Length != ManagementCipher.KeySize(algorithm))
            throw reader.Malformed("the management key does not fit its cipher and firmware");
        var management = new CardManagementKey(algorithm, key, touch);
        SortedDictionary<byte, SlotKey> keys = ReadKeys(reader.ReadVector(LargestList));
        SortedDictionary<int, byte[]> objects = ReadObjects(reader.ReadVector(LargestList));
        return new CardState(profile, serial, formFactor, pin, puk, management, keys, objects);
    }

    private static void WriteReference(ref TlsWriter writer, ReferenceValue value)
    {
        writer.WriteFixed(value.Span);
        writer.WriteUInt8(value.Tries);
        writer.WriteUInt8(value.Remaining);
    }

    private static ReferenceValue ReadReference(ref TlsReader reader)
    {
        ReadOnlySpan<byte> value = reader.ReadFixed(ReferenceValue.Length);
        byte tries = reader.ReadUInt8();
        byte remaining = reader.ReadUInt8();
        return tries != 0 && remaining <= tries
            ? new ReferenceValue(value, tries, remaining)
            : throw reader.Malformed("more tries are left than there are");
    }

    private static SortedDictionary<byte, SlotKey> ReadKeys(TlsReader reader)
    {
        var keys = new SortedDictionary<byte, SlotKey>();
        while (!reader.IsEmpty)
        {
            if (!PivSlot.TryFromId(reader.ReadUInt8(), out PivSlot slot) || keys.ContainsKey(slot.Id))
                throw reader.Malformed("no such slot, or a slot twice");
            var algorithm = (PivAlgorithm)reader.ReadUInt8();
            var origin = (KeyOrigin)reader.ReadUInt8();
            var pinPolicy = (PinPolicy)reader.ReadUInt8();
            if (!Enum.IsDefined(origin) || pinPolicy is not (PinPolicy.Never or PinPolicy.Once or PinPolicy.Always))
                throw reader.Malformed("no such origin or PIN policy");
            TouchPolicy touchPolicy = ReadTouchPolicy(ref reader);
            KeyMaterial material = KeyMaterials.Restore(algorithm, reader.ReadOpaque(LargestKey), reader.Offset);
            keys.Add(slot.Id, new SlotKey(material, origin, pinPolicy, touchPolicy));
        }
        return keys;
    }

    private static SortedDictionary<int, byte[]> ReadObjects(TlsReader reader)
    {
        var objects = new SortedDictionary<int, byte[]>();
        while (!reader.IsEmpty)
        {
            uint tag = reader.ReadUInt32();
            if (tag > 0xFFFFFF || !objects.TryAdd((int)tag, reader.ReadOpaque(LargestObject).ToArray()))
                throw reader.Malformed("no object tag, or an object twice");
        }
        return objects;
    }

    private static TouchPolicy ReadTouchPolicy(ref TlsReader reader)
    {
        var policy = (TouchPolicy)reader.ReadUInt8();
        return policy is TouchPolicy.Never or TouchPolicy.Always or TouchPolicy.Cached ? policy : throw reader.Malformed("no such touch policy");
    }
}
