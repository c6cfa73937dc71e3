using System.Security.Cryptography;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// struct {
//   uint16 version = 1;
//   opaque room_id[32]; uint8 status; uint64 entered; optional<uint64> entered_at; uint8 is_refused; uint8 is_leaving; uint8 spent_handshake; optional<opaque pending_hash[32]>;
//   RoomLog log;
//   opaque group<V>;                                                    as MlsGroup saves itself
//   struct { uint32 leaf; SignedGrant grant; Handle handle; uint8 invited; } members<V>;
//   struct { opaque message_hash[32]; EntryKind kind; uint64 epoch; SignedGrant grant; } sent<V>;
//   PhraseKeys phrase;
//   optional<Suspicion>; optional<Reentry>;
// } SavedRoom;

public sealed partial class Room
{
    private const ushort FormatVersion = 1;
    private const int MostBytes = 64 * 1024 * 1024;

    /// <summary>The room as bytes, private keys included: to be sealed before it is stored. The caller disposes of them.</summary>
    /// <exception cref="InvalidOperationException">This client is out of the room: there is nothing left to save.</exception>
    public Secret Save()
    {
        using var buffer = new TlsBuffer(1 << 14);
        var writer = new TlsWriter(buffer);
        writer.WriteUInt16(FormatVersion);
        writer.Write(Id);
        writer.WriteUInt8((byte)Status);
        writer.WriteUInt64(_entered);
        writer.WriteOptional(_enteredAt is not null);
        if (_enteredAt is { } enteredAt)
            writer.WriteUInt64(enteredAt);
        writer.WriteOptional(IsRefused);
        writer.WriteOptional(_isLeaving);
        writer.WriteOptional(_hasSpentHandshake);
        writer.WriteOptional(_pending is not null);
        _pending?.WriteTo(ref writer);
        _log.WriteTo(ref writer);
        using (var group = new TlsBuffer(1 << 14))
        {
            _group.Save(group);
            writer.WriteOpaque(group.WrittenSpan);
        }

        writer.WriteVector(_members.Values.OrderBy(static member => member.Leaf.Value), static (ref writer, members) =>
        {
            foreach (Member member in members)
                WriteMember(ref writer, member);
        });
        writer.WriteVector(_sent, static (ref writer, sent) =>
        {
            foreach ((Digest hash, OwnMessage message) in sent)
            {
                writer.Write(hash);
                writer.WriteUInt8((byte)message.Kind);
                writer.WriteUInt64(message.Epoch.Value);
                writer.Write(message.Grant);
            }
        });
        _phrase.WriteTo(ref writer);
        writer.WriteOptional(_suspicion is not null);
        if (_suspicion is { } suspicion)
        {
            writer.WriteUInt64(suspicion.Epoch.Value);
            WriteOptionalMember(ref writer, suspicion.Committer);
            writer.WriteUInt64(suspicion.Sequence);
            writer.WriteOptional(suspicion.NeedsHandshake);
        }

        writer.WriteOptional(MustReenter is not null);
        if (MustReenter is { } reentry)
        {
            WriteOptionalMember(ref writer, reentry.Committer);
            writer.WriteUInt64(reentry.Sequence);
        }

        return Secret.CopyOf(buffer.WrittenSpan);
    }

    /// <summary>A room that was saved.</summary>
    /// <param name="saved">What <see cref="Save"/> gave.</param>
    /// <param name="verifier">Verifies touches; shared by the rooms of one client.</param>
    /// <exception cref="DecodeException">The bytes are not a saved room.</exception>
    /// <exception cref="ValidationException">The tree inside is none.</exception>
    public static Room Restore(ReadOnlySpan<byte> saved, TouchVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        var reader = new TlsReader(saved);
        if (reader.ReadUInt16() != FormatVersion)
            throw reader.Malformed("the saved room is of another format version");
        RoomId id = RoomId.Read(ref reader);
        var status = (RoomStatus)reader.ReadUInt8();
        if (!Enum.IsDefined(status) || status == RoomStatus.Evicted)
            throw reader.Malformed("no such status of a saved room");
        ulong entered = reader.ReadUInt64();
        ulong? enteredAt = reader.ReadOptional() ? reader.ReadUInt64() : null;
        bool isRefused = reader.ReadOptional();
        bool isLeaving = reader.ReadOptional();
        bool hasSpentHandshake = reader.ReadOptional();
        Digest? pending = reader.ReadOptional() ? Digest.Read(ref reader) : null;
        RoomLog log = RoomLog.ReadFrom(ref reader);
        var group = MlsGroup.Restore(reader.ReadOpaque(MostBytes));
        var phrase = new PhraseKeys();
        try
        {
            TlsReader members = reader.ReadVector(MostBytes);
            List<Member> list = [];
            while (!members.IsEmpty)
                list.Add(ReadMember(ref members));
            bool fits = log.Chain.Room == id
                && group.GroupId.Span.SequenceEqual(id.Value.ToArray())
                && list.Select(static member => member.Leaf).SequenceEqual(group.Tree.Members.Select(static member => member.Index));
            if (!fits)
                throw reader.Malformed("log, group and members of a saved room do not belong together");
            List<KeyValuePair<Digest, OwnMessage>> sent = ReadSent(ref reader);
            phrase.Dispose();
            phrase = PhraseKeys.ReadFrom(ref reader);
            Suspicion? suspicion = reader.ReadOptional() ? ReadSuspicion(ref reader) : null;
            Reentry? reentry = reader.ReadOptional() ? new Reentry(ReadOptionalMember(ref reader), reader.ReadUInt64()) : null;
            reader.ThrowIfNotEmpty();

            var room = new Room(id, group, RoomTerms.Read(group.Context.Extensions), log, phrase, verifier)
            {
                Status = status,
                IsRefused = isRefused,
                MustReenter = reentry,
                _entered = entered,
                _enteredAt = enteredAt,
                _isLeaving = isLeaving,
                _pending = pending,
                _hasSpentHandshake = hasSpentHandshake,
                _suspicion = suspicion,
            };
            foreach (Member member in list)
                room._members[member.Leaf] = member;
            foreach ((Digest hash, OwnMessage message) in sent)
                room._sent[hash] = message;
            return room;
        }
        catch
        {
            group.Dispose();
            phrase.Dispose();
            throw;
        }
    }

    /// <summary>Reads any bytes as a saved room, for fuzzing.</summary>
    public static void Fuzz(ReadOnlySpan<byte> input)
    {
        using Room room = Restore(input, new TouchVerifier());
        using Secret saved = room.Save();
        using Room again = Restore(saved.Span, new TouchVerifier());
        if (again.Chain != room.Chain || again._members.Count != room._members.Count)
            throw new CryptographicException("A saved room does not come back as it was.");
    }

    private static void WriteMember(ref TlsWriter writer, Member member)
    {
        writer.WriteUInt32(member.Leaf.Value);
        writer.Write(member.Handle);
        writer.Write(member.Grant);
        writer.WriteOptional(member.IsInvited);
    }

    private static Member ReadMember(ref TlsReader reader)
    {
        var leaf = new LeafIndex(reader.ReadUInt32());
        Handle handle = Handle.Read(ref reader);
        SignedGrant grant = SignedGrant.Read(ref reader);
        return new Member(leaf, handle, grant.Touch.TokenId, grant, reader.ReadOptional());
    }

    private static void WriteOptionalMember(ref TlsWriter writer, Member? member)
    {
        writer.WriteOptional(member is not null);
        if (member is not null)
            WriteMember(ref writer, member);
    }

    private static Member? ReadOptionalMember(ref TlsReader reader) => reader.ReadOptional() ? ReadMember(ref reader) : null;

    private static Suspicion ReadSuspicion(ref TlsReader reader)
        => new(new Epoch(reader.ReadUInt64()), ReadOptionalMember(ref reader), reader.ReadUInt64(), reader.ReadOptional());

    private static List<KeyValuePair<Digest, OwnMessage>> ReadSent(ref TlsReader reader)
    {
        TlsReader list = reader.ReadVector(MostBytes);
        List<KeyValuePair<Digest, OwnMessage>> sent = [];
        while (!list.IsEmpty)
        {
            Digest hash = Digest.Read(ref list);
            var message = new OwnMessage(RoomEntry.ReadKind(ref list), new Epoch(list.ReadUInt64()), SignedGrant.Read(ref list));
            sent.Add(new KeyValuePair<Digest, OwnMessage>(hash, message));
        }

        return sent;
    }
}
