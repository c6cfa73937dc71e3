using System.Text;
using HardwareChat.Mls;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>The secret state of the sessions that touches vouched for: opaque bytes under a name.</summary>
public sealed class SessionTable
{
    private readonly VaultRows _rows;

    internal SessionTable(VaultRows rows) => _rows = rows;

    /// <summary>The state, which the caller disposes; <see langword="null"/> if there is none.</summary>
    public Secret? Find(string name)
        => _rows.Find(VaultTable.Sessions, Name(name), static (ref reader, _) => Secret.CopyOf(reader.ReadOpaque(VectorLength.Max)));

    /// <summary>Replaces the state.</summary>
    public void Put(string name, ReadOnlySpan<byte> state)
        => _rows.Put(VaultTable.Sessions, Name(name), state, static (ref writer, state) => writer.WriteOpaque(state));

    /// <summary>Removes the state, from the log as well; false if there is none.</summary>
    public bool Remove(string name)
    {
        _rows.WantsTidying = true;
        return _rows.Remove(VaultTable.Sessions, Name(name));
    }

    private static RowName Name(string name) => new(Encoding.UTF8.GetBytes(name));
}
