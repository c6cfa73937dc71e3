using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens.Simulator.State;

/// <summary>Everything that the card keeps without power: secrets and counters, keys, data objects.</summary>
internal sealed class CardState : IDisposable
{
    public const byte DefaultTries = 3;

    private readonly SortedDictionary<byte, SlotKey> _keys;
    private readonly SortedDictionary<int, byte[]> _objects;

    public CardState(
        FirmwareProfile profile,
        uint serial,
        FormFactor formFactor,
        ReferenceValue pin,
        ReferenceValue puk,
        CardManagementKey management,
        SortedDictionary<byte, SlotKey> keys,
        SortedDictionary<int, byte[]> objects)
    {
        Profile = profile;
        Serial = serial;
        FormFactor = formFactor;
        Pin = pin;
        Puk = puk;
        Management = management;
        _keys = keys;
        _objects = objects;
    }

    public static ReadOnlySpan<byte> DefaultPin => [0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0xFF, 0xFF];

    public static ReadOnlySpan<byte> DefaultPuk => "12345678"u8;

    public FirmwareProfile Profile { get; }

    public uint Serial { get; }

    public FormFactor FormFactor { get; }

    public ReferenceValue Pin { get; }

    public ReferenceValue Puk { get; }

    public CardManagementKey Management { get; private set; }

    public IReadOnlyDictionary<byte, SlotKey> Keys => _keys;

    public IReadOnlyDictionary<int, byte[]> Objects => _objects;

    /// <summary>Set by every change; whoever saves the state clears it.</summary>
    public bool IsDirty { get; set; }

    public SlotKey? KeyIn(PivSlot slot) => _keys.GetValueOrDefault(slot.Id);

    public void PutKey(PivSlot slot, SlotKey key)
    {
        if (_keys.Remove(slot.Id, out SlotKey? old))
            old.Dispose();
        _keys.Add(slot.Id, key);
        IsDirty = true;
    }

    /// <summary>Takes the key out of its slot; the caller owns it then.</summary>
    public SlotKey? TakeKey(PivSlot slot)
    {
        if (!_keys.Remove(slot.Id, out SlotKey? key))
            return null;
        IsDirty = true;
        return key;
    }

    public void PutObject(int tag, ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
            _objects.Remove(tag);
        else
            _objects[tag] = content.ToArray();
        IsDirty = true;
    }

    public void PutManagementKey(CardManagementKey key)
    {
        CardManagementKey old = Management;
        Management = key;
        old.Dispose();
        IsDirty = true;
    }

    /// <summary>PIN, PUK and management key as new; keys and objects gone, all but those of attestation.</summary>
    public void Reset()
    {
        foreach (byte slot in _keys.Keys.Where(slot => slot != PivSlot.Attestation.Id).ToArray())
        {
            _keys[slot].Dispose();
            _keys.Remove(slot);
        }
        foreach (int tag in _objects.Keys.Where(tag => tag != PivSlot.Attestation.CertificateObject).ToArray())
            _objects.Remove(tag);
        ResetReferences(DefaultTries, DefaultTries);
        PutManagementKey(new CardManagementKey(Profile.DefaultManagementAlgorithm, CardManagementKey.Default, TouchPolicy.Never));
    }

    /// <summary>PIN and PUK as new, with these tries.</summary>
    public void ResetReferences(byte pinTries, byte pukTries)
    {
        Pin.Replace(DefaultPin);
        Pin.SetTries(pinTries);
        Puk.Replace(DefaultPuk);
        Puk.SetTries(pukTries);
        IsDirty = true;
    }

    public void Dispose()
    {
        Pin.Dispose();
        Puk.Dispose();
        Management.Dispose();
        foreach (SlotKey key in _keys.Values)
            key.Dispose();
        _keys.Clear();
    }
}
