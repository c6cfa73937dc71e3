using System.Text;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// struct { uint16 version = 1; TokenId verified<V>; uint64 verified_at; uint8 follows_added_tokens; opaque note<V>; } StoredContact;

/// <summary>What this person has made sure of about another.</summary>
/// <param name="Handle">The other.</param>
public sealed record StoredContact(Handle Handle)
{
    private const ushort CurrentVersion = 1;
    private const int MaxNote = 4096;

    /// <summary>The tokens whose fingerprints were compared; none means not verified.</summary>
    public IReadOnlyList<TokenId> VerifiedTokens { get; init; } = [];

    /// <summary>When, Unix seconds.</summary>
    public ulong VerifiedAt { get; init; }

    /// <summary>Whether the mark stays when the other adds a token.</summary>
    public bool FollowsAddedTokens { get; init; }

    /// <summary>A note for oneself.</summary>
    public string Note { get; init; } = "";

    internal static StoredContact Read(ref TlsReader reader, RowName name)
    {
        if (reader.ReadUInt16() != CurrentVersion || !Handle.TryParse(Encoding.Latin1.GetString(name.Scope), out Handle handle))
            throw reader.Malformed("no such version of a contact");
        TlsReader tokens = reader.ReadVector(VectorLength.Max);
        List<TokenId> verified = [];
        while (!tokens.IsEmpty)
            verified.Add(TokenId.Read(ref tokens));
        return new StoredContact(handle)
        {
            VerifiedTokens = verified,
            VerifiedAt = reader.ReadUInt64(),
            FollowsAddedTokens = reader.ReadOptional(),
            Note = TextField.Read(ref reader, MaxNote),
        };
    }

    internal void WriteTo(ref TlsWriter writer)
    {
        writer.WriteUInt16(CurrentVersion);
        writer.WriteVector(VerifiedTokens, static (ref writer, tokens) =>
        {
            foreach (TokenId token in tokens)
                token.WriteTo(ref writer);
        });
        writer.WriteUInt64(VerifiedAt);
        writer.WriteOptional(FollowsAddedTokens);
        TextField.Write(ref writer, Note, MaxNote);
    }
}

/// <summary>The marks of verification.</summary>
public sealed class ContactTable
{
    private readonly VaultRows _rows;

    internal ContactTable(VaultRows rows) => _rows = rows;

    /// <summary>The contact; <see langword="null"/> if nothing is known of that handle.</summary>
    public StoredContact? Find(Handle handle) => _rows.Find(VaultTable.Contacts, Name(handle), StoredContact.Read);

    /// <summary>All of them.</summary>
    public IReadOnlyList<StoredContact> All() => _rows.All(VaultTable.Contacts, StoredContact.Read);

    /// <summary>Writes the contact.</summary>
    public void Put(StoredContact contact)
    {
        ArgumentNullException.ThrowIfNull(contact);
        _rows.Put(VaultTable.Contacts, Name(contact.Handle), contact, static (ref writer, contact) => contact.WriteTo(ref writer));
    }

    /// <summary>Removes it; false if there is none.</summary>
    public bool Remove(Handle handle) => _rows.Remove(VaultTable.Contacts, Name(handle));

    internal static RowName Name(Handle handle) => new(Encoding.ASCII.GetBytes(handle.ToString()));
}
