using System.Security.Cryptography;
using HardwareChat.Mls;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// struct {
//   opaque magic[8] = "HWCHATBK";
//   uint16 version = 1;
//   opaque backup_id[16];
//   KeyWrapping wrappings<V>;       // a key of this backup's own, to whom the vault was wrapped when it was made; the backup id in the vault id's place
// } BackupHeader;
//
// A backup file is uint32 length || BackupHeader, then chunks (BackupStream).

/// <summary>What stands, in the clear, at the head of a sealed backup.</summary>
internal sealed record BackupHeader(byte[] Id, IReadOnlyList<KeyWrapping> Wrappings) : ITlsSerializable
{
    /// <summary>The most bytes that a header may have: some 250 wrappings.</summary>
    public const int MaxSize = 64 << 10;

    private const ushort CurrentVersion = 1;
    private const int IdSize = 16;

    private static readonly byte[] Magic = "HWCHATBK"u8.ToArray();

    public static BackupHeader Create(Secret key, IReadOnlyList<VaultRecipient> recipients)
    {
        byte[] id = RandomNumberGenerator.GetBytes(IdSize);
        return new BackupHeader(id, [.. recipients.Select(recipient => KeyWrapping.Create(key, id, recipient))]);
    }

    /// <summary>Whether the bytes begin as a backup does.</summary>
    public static bool IsBackup(ReadOnlySpan<byte> header) => header.StartsWith(Magic);

    public static BackupHeader Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new TlsReader(bytes);
        if (!reader.ReadFixed(Magic.Length).SequenceEqual(Magic) || reader.ReadUInt16() != CurrentVersion)
            throw reader.Malformed("no such version of a backup");
        byte[] id = reader.ReadFixed(IdSize).ToArray();
        TlsReader wrappings = reader.ReadVector(MaxSize);
        List<KeyWrapping> read = [];
        while (!wrappings.IsEmpty)
            read.Add(KeyWrapping.Read(ref wrappings));
        reader.ThrowIfNotEmpty();
        return new BackupHeader(id, read);
    }

    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteFixed(Magic);
        writer.WriteUInt16(CurrentVersion);
        writer.WriteFixed(Id);
        writer.WriteVector<KeyWrapping>([.. Wrappings]);
    }

    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        BackupHeader header = Decode(data);
        if (!TlsWriter.Encode(header).AsSpan().SequenceEqual(data))
            throw new InvalidOperationException("a backup's header did not survive its own encoding");
    }
}
