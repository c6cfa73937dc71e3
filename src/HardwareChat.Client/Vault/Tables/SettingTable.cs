using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>Named values that are no secret in themselves, such as a face's choices.</summary>
public sealed class SettingTable
{
    private readonly VaultRows _rows;

    internal SettingTable(VaultRows rows) => _rows = rows;

    /// <summary>The setting's bytes; <see langword="null"/> if it was never set.</summary>
    public byte[]? Find(string name)
        => _rows.Find(VaultTable.Settings, Name(name), static (ref reader, _) => reader.ReadOpaque(VectorLength.Max).ToArray());

    /// <summary>The setting's text; <see langword="null"/> if it was never set.</summary>
    public string? FindText(string name) => Find(name) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>Sets it.</summary>
    public void Put(string name, ReadOnlySpan<byte> value)
        => _rows.Put(VaultTable.Settings, Name(name), value, static (ref writer, value) => writer.WriteOpaque(value));

    /// <summary>Sets it.</summary>
    public void PutText(string name, string value) => Put(name, Encoding.UTF8.GetBytes(value));

    /// <summary>Removes it; false if it was never set.</summary>
    public bool Remove(string name) => _rows.Remove(VaultTable.Settings, Name(name));

    private static RowName Name(string name) => new(Encoding.UTF8.GetBytes(name));
}
