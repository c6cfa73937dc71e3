using HardwareChat.Protocol;

namespace HardwareChat.Relay;

// The relay's one seam to a disk: SQLite in one file, or PostgreSQL. Both pass the contract suite in
// tests/HardwareChat.Relay.Tests/Storage.
//
//   - A task that completes without an exception means: on disk. Writes of many rooms share group commits.
//   - (room, sequence) and the index of a leaf are unique keys: the fence, should two sequencers ever meet.
//   - What the store holds is ciphertext, public statements and the rosters that access needs; no key of the relay's.
//   - Members are thread-safe, unless they say otherwise.

/// <summary>Where a relay keeps what it must not lose.</summary>
public interface IRelayStore : IAsyncDisposable
{
    /// <summary>Whether this store was put back from a backup and clients may hold more than it does; until it is healed, it takes nothing new.</summary>
    ValueTask<bool> IsRestoredAsync(CancellationToken cancel = default);

    /// <summary>Marks the store as put back from a backup.</summary>
    Task BeginHealingAsync(CancellationToken cancel = default);

    /// <summary>Ends the healing of a restored store.</summary>
    Task EndHealingAsync(CancellationToken cancel = default);

    // Registry

    /// <summary>Appends the next leaf, with the evidence that it brought: of a blob that is there already, nothing happens.</summary>
    /// <exception cref="StoreFencedException">A leaf stands at this index.</exception>
    Task AppendLeafAsync(StoredLeaf leaf, IReadOnlyList<StoredEvidence> evidence, CancellationToken cancel = default);

    /// <summary>Leaves from an index on, in order: as many as fit the limits, at least one if there is one.</summary>
    /// <param name="from">Index of the first.</param>
    /// <param name="maxCount">The most leaves.</param>
    /// <param name="maxBytes">The most bytes of leaves.</param>
    /// <param name="cancel">Ends the reading.</param>
    ValueTask<IReadOnlyList<StoredLeaf>> ReadLeavesAsync(ulong from, int maxCount, int maxBytes, CancellationToken cancel = default);

    /// <summary>An evidence blob by its hash; null if there is none.</summary>
    ValueTask<byte[]?> FindEvidenceAsync(Digest hash, CancellationToken cancel = default);

    // Rooms

    /// <summary>Founds a room; false if it stands already.</summary>
    /// <param name="genesis">Its genesis.</param>
    /// <param name="founder">The owner who asks for it, and against whom it counts.</param>
    /// <param name="cancel">Ends the wait.</param>
    ValueTask<bool> CreateRoomAsync(RoomGenesis genesis, Handle founder, CancellationToken cancel = default);

    /// <summary>A room, as its sequencer needs it; null if there is none.</summary>
    ValueTask<StoredRoom?> LoadRoomAsync(RoomId room, CancellationToken cancel = default);

    /// <summary>Appends entries to one room, in order, all or none, each with all that belongs to it.</summary>
    /// <exception cref="StoreFencedException">An entry stands at one of the positions, or the one before the first is missing.</exception>
    Task AppendAsync(RoomId room, IReadOnlyList<RoomWrite> writes, CancellationToken cancel = default);

    /// <summary>The sequence, not below <paramref name="from"/>, of the entry with this message; null if there is none.</summary>
    ValueTask<ulong?> FindMessageAsync(RoomId room, Digest messageHash, ulong from, CancellationToken cancel = default);

    /// <summary>Entries from a sequence on, in order: as many as fit the limits, at least one if there is one.</summary>
    ValueTask<IReadOnlyList<StoredEntry>> ReadEntriesAsync(RoomId room, ulong from, int maxCount, int maxBytes, CancellationToken cancel = default);

    /// <summary>The newest GroupInfo of a room; null if none has been uploaded.</summary>
    ValueTask<StoredGroupInfo?> FindGroupInfoAsync(RoomId room, CancellationToken cancel = default);

    /// <summary>Rooms whose roster has this user (as owner too), in the order of their ids, after one of them.</summary>
    ValueTask<IReadOnlyList<RoomSummary>> ListRoomsAsync(Handle handle, RoomId? after, int maxCount, CancellationToken cancel = default);

    /// <summary>How many rooms this user has founded; not those in which others have named the user an owner.</summary>
    ValueTask<int> CountRoomsFoundedAsync(Handle founder, CancellationToken cancel = default);

    /// <summary>Rooms whose oldest kept message is older than a time.</summary>
    ValueTask<IReadOnlyList<RoomId>> RoomsToExpireAsync(ulong before, int maxCount, CancellationToken cancel = default);

    /// <summary>Deletes the bodies of entries older than a time, and moves the room's horizon: the entries themselves stay.</summary>
    /// <returns>Bodies deleted, at most <paramref name="maxCount"/>.</returns>
    ValueTask<int> ExpireMessagesAsync(RoomId room, ulong before, int maxCount, CancellationToken cancel = default);

    // Welcomes and key packages

    /// <summary>Welcomes that wait for a user, oldest first.</summary>
    ValueTask<IReadOnlyList<WelcomePush>> ReadWelcomesAsync(Handle handle, int maxCount, CancellationToken cancel = default);

    /// <summary>Forgets a Welcome for this user; no error if there is none.</summary>
    Task DropWelcomeAsync(Handle handle, RoomId room, ulong sequence, CancellationToken cancel = default);

    /// <summary>Deletes Welcomes older than a time.</summary>
    ValueTask<int> ExpireWelcomesAsync(ulong before, CancellationToken cancel = default);

    /// <summary>Adds key packages to a token's stock, or replaces it.</summary>
    /// <param name="token">The token.</param>
    /// <param name="publication">What it publishes.</param>
    /// <param name="stockLimit">The most packages that the stock may hold afterwards, without the last resort.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>False if it would hold more: nothing has changed.</returns>
    ValueTask<bool> PublishKeyPackagesAsync(TokenId token, PublishKeyPackages publication, int stockLimit, CancellationToken cancel = default);

    /// <summary>Takes one package of a token's stock, oldest first; where the stock is empty, its last resort, which stays; null for neither.</summary>
    /// <remarks>A package of the stock is given to one caller, ever, whatever fails afterwards.</remarks>
    ValueTask<byte[]?> TakeKeyPackageAsync(TokenId token, CancellationToken cancel = default);

    /// <summary>What a token's stock holds.</summary>
    ValueTask<KeyPackageCount> CountKeyPackagesAsync(TokenId token, CancellationToken cancel = default);

    /// <summary>Deletes a revoked token's packages.</summary>
    Task ForgetKeyPackagesAsync(TokenId token, CancellationToken cancel = default);

    // Blobs

    /// <summary>Opens the upload of a blob.</summary>
    /// <param name="blob">Its name, room, size and owner.</param>
    /// <param name="quota">The most bytes that the owner's blobs may have together, this one counted.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>False if the quota would be crossed.</returns>
    /// <exception cref="StoreFencedException">There is a blob of this name.</exception>
    ValueTask<bool> CreateBlobAsync(StoredBlob blob, ulong quota, CancellationToken cancel = default);

    /// <summary>A blob; null if there is none.</summary>
    ValueTask<StoredBlob?> FindBlobAsync(Digest blob, CancellationToken cancel = default);

    /// <summary>Appends bytes to a blob that is not complete.</summary>
    /// <returns>Bytes held afterwards; null if <paramref name="offset"/> is not where the blob ends, or it would grow beyond its size.</returns>
    ValueTask<ulong?> AppendBlobAsync(Digest blob, ulong offset, ReadOnlyMemory<byte> bytes, CancellationToken cancel = default);

    /// <summary>Reads from a blob, as many bytes as there are up to the buffer's length.</summary>
    ValueTask<int> ReadBlobAsync(Digest blob, ulong offset, Memory<byte> buffer, CancellationToken cancel = default);

    /// <summary>Deletes blobs created before a time, or left incomplete since an earlier one.</summary>
    ValueTask<int> ExpireBlobsAsync(ulong completeBefore, ulong incompleteBefore, int maxCount, CancellationToken cancel = default);

    // Care

    /// <summary>What is damaged, once that is known: the store is only read from then on. Null while nothing is.</summary>
    string? Damage { get; }

    /// <summary>Whether the store can be written and read now: tried, unless it was within the last seconds.</summary>
    ValueTask<StoreHealth> CheckAsync(CancellationToken cancel = default);

    /// <summary>Reads all of the store and says what is damaged; null for nothing. A damaged store takes nothing from then on.</summary>
    Task<string?> ExamineAsync(CancellationToken cancel = default);
}

/// <summary>A leaf of the registry, as it was hashed.</summary>
/// <param name="Index">Its index.</param>
/// <param name="Leaf">The encoded RegistryLeaf.</param>
/// <param name="Receipt">The relay's receipt.</param>
public sealed record StoredLeaf(ulong Index, ReadOnlyMemory<byte> Leaf, Digest Receipt);

/// <summary>An evidence blob and its hash.</summary>
public sealed record StoredEvidence(Digest Hash, ReadOnlyMemory<byte> Blob);

/// <summary>A room, as its sequencer needs it.</summary>
/// <param name="Genesis">The genesis.</param>
/// <param name="Roster">Who may read and append.</param>
/// <param name="Tail">The chain's end and its last handshakes.</param>
/// <param name="Horizon">The first sequence whose message is kept.</param>
/// <param name="ExternalCommits">External commits of the last hour.</param>
public sealed record StoredRoom(RoomGenesis Genesis, Roster Roster, RoomTail Tail, ulong Horizon, ExternalCommitRate ExternalCommits);

/// <summary>An entry to append, with all that belongs to it.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Receipt">The relay's receipt.</param>
/// <param name="Message">The MLSMessage.</param>
public sealed record RoomWrite(RoomEntry Entry, Digest Receipt, ReadOnlyMemory<byte> Message)
{
    /// <summary>The GroupInfo of the epoch that a commit makes; replaces the one before.</summary>
    public ReadOnlyMemory<byte>? GroupInfo { get; init; }

    /// <summary>A Welcome, kept once for all of <see cref="WelcomeFor"/>.</summary>
    public ReadOnlyMemory<byte>? Welcome { get; init; }

    /// <summary>The users for whom the Welcome waits.</summary>
    public IReadOnlyList<Handle> WelcomeFor { get; init; } = [];

    /// <summary>The roster from this entry on; null if it stays.</summary>
    public Roster? Roster { get; init; }

    /// <summary>The token that appended an external commit; null for other kinds.</summary>
    public TokenId? ExternalBy { get; init; }
}

/// <summary>An entry of a room's log.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Receipt">The relay's receipt.</param>
/// <param name="Message">The MLSMessage; null below the horizon.</param>
public sealed record StoredEntry(RoomEntry Entry, Digest Receipt, ReadOnlyMemory<byte>? Message);

/// <summary>A GroupInfo and the commit that it came with.</summary>
public sealed record StoredGroupInfo(ulong Sequence, ReadOnlyMemory<byte> GroupInfo);

/// <summary>A blob's name and measure.</summary>
/// <param name="Id">Its name, random.</param>
/// <param name="Room">The room whose members may read it.</param>
/// <param name="Owner">Who uploads it, and whose quota it counts against.</param>
/// <param name="Size">Bytes of ciphertext when complete.</param>
/// <param name="Held">Bytes held now.</param>
/// <param name="CreatedAt">Unix seconds.</param>
public sealed record StoredBlob(Digest Id, RoomId Room, Handle Owner, ulong Size, ulong Held, ulong CreatedAt)
{
    /// <summary>Whether every byte is there.</summary>
    public bool IsComplete => Held == Size;
}

/// <summary>How a store is.</summary>
public enum StoreHealth
{
    /// <summary>It can be written and read.</summary>
    Sound = 1,

    /// <summary>It is damaged, and can be read only.</summary>
    ReadOnly,

    /// <summary>It was restored, and takes what clients bring back; nothing new.</summary>
    Healing,

    /// <summary>It cannot be reached.</summary>
    Unreachable,
}
