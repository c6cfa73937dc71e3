using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>The keys of a room's phrase that this client has, by the phrase's version. Owns them.</summary>
internal sealed class PhraseKeys : IDisposable
{
    // The door's, and that of the change which is on its way.
    private const int Most = 2;

    private readonly SortedDictionary<uint, Secret> _keys = [];

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _keys.Count == 0;

    /// <summary>Keeps a copy of a key, in place of the oldest if there are too many.</summary>
    public void Keep(uint version, ReadOnlySpan<byte> psk)
    {
        if (psk.Length != Phrase.PskSize)
            throw new ArgumentException($"The key of a phrase has {Phrase.PskSize} bytes.", nameof(psk));
        Forget(version);
        _keys.Add(version, Secret.CopyOf(psk));
        while (_keys.Count > Most)
            Forget(_keys.First().Key);
    }

    /// <summary>The key; null if it is not known.</summary>
    public Secret? Of(uint version) => _keys.GetValueOrDefault(version);

    /// <summary>A copy of the key that a commit asks for; null if it is not known.</summary>
    public Secret? Find(PreSharedKeyId id, RoomId room)
    {
        foreach ((uint version, Secret key) in _keys)
        {
            if (id.Type == PskType.External && id.ExternalId.SequenceEqual(Phrase.PskId(room, version)))
                return key.Copy();
        }

        return null;
    }

    public void WriteTo(ref TlsWriter writer) => writer.WriteVector(_keys, static (ref writer, keys) =>
    {
        foreach ((uint version, Secret key) in keys)
        {
            writer.WriteUInt32(version);
            writer.WriteFixed(key.Span);
        }
    });

    public static PhraseKeys ReadFrom(ref TlsReader reader)
    {
        var keys = new PhraseKeys();
        TlsReader list = reader.ReadVector(Most * (sizeof(uint) + Phrase.PskSize));
        try
        {
            uint? last = null;
            while (!list.IsEmpty)
            {
                uint version = list.ReadUInt32();
                if (version <= last)
                    throw list.Malformed("the keys of a phrase are not in order");
                last = version;
                keys.Keep(version, list.ReadFixed(Phrase.PskSize));
            }

            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (Secret key in _keys.Values)
            key.Dispose();
        _keys.Clear();
    }

    private void Forget(uint version)
    {
        if (_keys.Remove(version, out Secret? key))
            key.Dispose();
    }
}
