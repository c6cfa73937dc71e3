using HardwareChat.Mls;
using HardwareChat.Wire;

namespace HardwareChat.Client;

/// <summary>A key package's private half, until a Welcome uses it or it expires.</summary>
/// <param name="Reference">Its KeyPackageRef.</param>
/// <param name="NotAfter">When it expires, Unix seconds.</param>
/// <param name="IsLastResort">Whether it may be used more than once.</param>
public sealed record StoredKeyPackage(ReadOnlyMemory<byte> Reference, ulong NotAfter, bool IsLastResort);

/// <summary>The bundles of key packages that were given to the relay: opaque bytes with their private keys.</summary>
public sealed class KeyPackageTable
{
    private readonly VaultRows _rows;

    internal KeyPackageTable(VaultRows rows) => _rows = rows;

    /// <summary>All of them, without their secrets.</summary>
    public IReadOnlyList<StoredKeyPackage> All() => _rows.All(VaultTable.KeyPackages, static (ref reader, name) =>
    {
        StoredKeyPackage package = ReadFacts(ref reader, name);
        reader.ReadOpaque(VectorLength.Max);
        return package;
    });

    /// <summary>The bundle, which the caller disposes; <see langword="null"/> if there is none, or it was used.</summary>
    public Secret? FindBundle(ReadOnlySpan<byte> reference) => _rows.Find(VaultTable.KeyPackages, new RowName(reference.ToArray()), static (ref reader, name) =>
    {
        ReadFacts(ref reader, name);
        return Secret.CopyOf(reader.ReadOpaque(VectorLength.Max));
    });

    /// <summary>Keeps a bundle.</summary>
    public void Put(StoredKeyPackage package, ReadOnlySpan<byte> bundle)
    {
        ArgumentNullException.ThrowIfNull(package);
        _rows.Put(VaultTable.KeyPackages, new RowName(package.Reference.ToArray()), new Bundle(package, bundle), static (ref writer, entry) =>
        {
            writer.WriteUInt64(entry.Package.NotAfter);
            writer.WriteOptional(entry.Package.IsLastResort);
            writer.WriteOpaque(entry.Bytes);
        });
    }

    /// <summary>Removes a bundle, from the log as well; false if there is none.</summary>
    public bool Remove(ReadOnlySpan<byte> reference)
    {
        _rows.WantsTidying = true;
        return _rows.Remove(VaultTable.KeyPackages, new RowName(reference.ToArray()));
    }

    private static StoredKeyPackage ReadFacts(ref TlsReader reader, RowName name) => new(name.Scope, reader.ReadUInt64(), reader.ReadOptional());

    private readonly ref struct Bundle(StoredKeyPackage package, ReadOnlySpan<byte> bytes)
    {
        public StoredKeyPackage Package { get; } = package;

        public ReadOnlySpan<byte> Bytes { get; } = bytes;
    }
}
