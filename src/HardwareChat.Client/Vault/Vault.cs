using HardwareChat.Protocol;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Client;

// The client's local state, sealed under a key that only the person's tokens can unwrap.
//
// What it holds against: whoever has the file (and not the key) reads nothing of it but how many rows each table has, their sizes, the order of those
// of one scope, and which change when; whoever changes it (a row altered, moved to another place, put back in an older form, removed, added) is found
// out when it is next opened, by the seal of the row or by the sum of all rows in the header. A file that is put back as a whole is sound in itself:
// Generation is for whoever remembers it outside (VaultOptions.LeastGeneration), and the engine compares with the rooms' logs.
// What it does not hold against: a process that runs as the same person while the vault is open.
//
// Reads and writes take one lock; none of them needs the card. A transaction is on disk, whole, when Write returns, and leaves nothing when it throws.

/// <summary>The client's local state, open. One process holds it; its members may be called from any thread, one at a time.</summary>
public sealed class Vault : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly VaultLock _lock;
    private readonly VaultFile _file;
    private readonly byte[] _id;
    private readonly RowScratch _scratch = new();
    private readonly MessageIndex? _index;
    private readonly Func<StoredMessage, string?>? _textOf;
    private VaultKeys _keys;
    private VaultHeader _header;
    private bool _wantsTidying;
    private bool _inTransaction;
    private bool _disposed;

    internal Vault(string path, VaultLock held, VaultFile file, byte[] id, VaultKeys keys, VaultHeader header, VaultOptions options)
    {
        _path = path;
        _lock = held;
        _file = file;
        _id = id;
        _keys = keys;
        _header = header;
        WasClosed = header.IsClosed;
        _textOf = options.MessageText;
        _index = options.MessageText is null ? null : new MessageIndex(options.MessageText);
        CheckHeader(options);
        CheckSum();
    }

    /// <summary>Committed transactions since the vault was made: never less than before, unless the file was put back.</summary>
    public ulong Generation
    {
        get
        {
            lock (_gate)
                return _header.Generation;
        }
    }

    /// <summary>Whether the process that had the vault before ended it by <see cref="Close"/>, and was not killed in the midst of work.</summary>
    public bool WasClosed { get; }

    /// <summary>The folder beside the vault for what is too large for it: sealed files on their way to the relay, and parts of files on their way from it.</summary>
    public string FilesFolder => _path + ".files";

    /// <summary>Makes <see cref="FilesFolder"/>, for its owner alone, if it is not there.</summary>
    /// <returns>Its path.</returns>
    public string MakeFilesFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(FilesFolder);
        else
            Directory.CreateDirectory(FilesFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return FilesFolder;
    }

    /// <summary>Makes a vault with a fresh key, wrapped to each recipient, and opens it.</summary>
    /// <exception cref="VaultException">There is a file already, or the disk refused.</exception>
    public static Vault Create(string path, IReadOnlyList<VaultRecipient> recipients, VaultOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ThrowIfUnfit(recipients);
        VaultLock held = VaultLock.Take(path);
        VaultFile? file = null;
        VaultKeys? keys = null;
        try
        {
            if (File.Exists(path))
                throw new VaultException(VaultFault.Exists, $"There is a file at {path} already; a vault is not made over it.");
            keys = VaultKeys.Create();
            byte[] id = System.Security.Cryptography.RandomNumberGenerator.GetBytes(VaultHeader.VaultIdSize);
            VaultFile.Create(path, VaultHeader.Empty.Seal(keys, id), Wrap(keys, id, recipients));
            file = VaultFile.Open(path);
            var vault = new Vault(path, held, file, id, keys, VaultHeader.Empty, options ?? new VaultOptions());
            vault.Write(transaction => PutRecipients(transaction.Rows, recipients));
            return vault;
        }
        catch (SqliteException error)
        {
            Release();
            throw VaultFile.Translate(error, path);
        }
        catch
        {
            Release();
            throw;
        }

        void Release()
        {
            keys?.Dispose();
            file?.Dispose();
            held.Dispose();
        }
    }

    /// <summary>Reads; sees the state after the last transaction.</summary>
    public T Read<T>(Func<VaultTransaction, T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        lock (_gate)
        {
            Enter();
            try
            {
                return action(new VaultTransaction(new VaultRows(_file, _keys, _scratch, _header, writable: false)));
            }
            catch (SqliteException error)
            {
                throw VaultFile.Translate(error, _path);
            }
            finally
            {
                _inTransaction = false;
            }
        }
    }

    /// <summary>Writes all of it or, where <paramref name="action"/> throws, nothing. On disk when this returns.</summary>
    /// <exception cref="VaultException">The disk refused, or a row that was read is damaged; the vault is as before.</exception>
    public void Write(Action<VaultTransaction> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Write(transaction =>
        {
            action(transaction);
            return true;
        });
    }

    /// <summary>As <see cref="Write(Action{VaultTransaction})"/>, and returns what <paramref name="action"/> returns.</summary>
    public T Write<T>(Func<VaultTransaction, T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return Write(action, closes: false);
    }

    /// <summary>Who may open the vault.</summary>
    public IReadOnlyList<VaultRecipient> Recipients()
        => Read(static transaction => ReadRecipients(transaction.Rows));

    /// <summary>Lets one more open the vault, or replaces the key of one who may already.</summary>
    public void AddRecipient(VaultRecipient recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        Write(transaction =>
        {
            PutRecipients(transaction.Rows, [recipient]);
            _file.ReplaceWrappings(Wrap(_keys, _id, ReadRecipients(transaction.Rows)));
        });
    }

    /// <summary>Lets these open the vault and nobody else: a fresh vault key, and every row sealed again under it, in one transaction.</summary>
    /// <remarks>
    /// For the revocation of a token. At once and not by and by: afterwards the old key opens nothing of this file. It takes about as long as
    /// reading and writing the whole file. Older copies of the file stay open to the old key.
    /// </remarks>
    public void Rekey(IReadOnlyList<VaultRecipient> recipients)
    {
        ThrowIfUnfit(recipients);
        VaultKeys next = VaultKeys.Create();
        try
        {
            Write(transaction =>
            {
                foreach (VaultRecipient former in ReadRecipients(transaction.Rows))
                    transaction.Rows.Remove(VaultTable.Recipients, new RowName(former.Id.ToArray()));
                PutRecipients(transaction.Rows, recipients);
                transaction.Rows.Reseal(next);
                transaction.Rows.WantsTidying = true;
                _file.ReplaceWrappings(Wrap(next, _id, recipients));
            });
        }
        catch
        {
            next.Dispose();
            throw;
        }
    }

    /// <summary>Messages that hold every word of a query, each as the beginning of a word of theirs; newest first.</summary>
    /// <param name="query">Words; case does not matter.</param>
    /// <param name="room">Only in this room, or everywhere.</param>
    /// <param name="count">At most so many.</param>
    /// <exception cref="InvalidOperationException">The vault was opened without <see cref="VaultOptions.MessageText"/>.</exception>
    /// <remarks>The first search reads the whole history, unless <see cref="PrepareSearch"/> has.</remarks>
    public IReadOnlyList<StoredMessage> Search(string query, RoomId? room = null, int count = 50)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        PrepareSearch();
        return Read(transaction =>
        {
            List<StoredMessage> found = [];
            foreach ((RoomId where, ulong sequence) in _index!.Find(query, room, count))
            {
                if (transaction.Messages.Find(where, sequence) is StoredMessage message)
                    found.Add(message);
            }

            return found;
        });
    }

    /// <summary>Builds the index of words in memory, if it is not there yet. Takes the lock for a few milliseconds at a time; meant for a thread of its own after start.</summary>
    public void PrepareSearch(CancellationToken cancellationToken = default)
    {
        if (_index is null)
            throw new InvalidOperationException("The vault was opened without a way to read the text of messages.");
        while (!Read(transaction => _index.Continue(transaction.Rows)))
            cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Writes rooms, history and contacts as JSON lines, in the clear.</summary>
    /// <remarks>Page by page: what is written meanwhile may be in it or not, each message whole.</remarks>
    public void ExportReadable(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        ReadableExport.Write(this, _textOf, output);
    }

    /// <summary>Writes rooms, history and contacts, sealed to those who may open the vault. Holds no ratchets and no keys: see <see cref="LockedBackup"/>.</summary>
    /// <remarks>Page by page: what is written meanwhile may be in it or not, each message whole.</remarks>
    public void WriteBackup(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        BackupWriter.Write(this, output);
    }

    /// <summary>SQLite's own check of the file's structure, beyond the checks at start; <see langword="null"/> if it is sound.</summary>
    public string? CheckIntegrity()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _file.CheckIntegrity();
        }
    }

    /// <summary>Empties the log into the file, so that old states of rows are in neither. Done by itself after removals, and when the log grows.</summary>
    public void Tidy()
    {
        lock (_gate)
        {
            Enter();
            try
            {
                _file.Tidy();
                _wantsTidying = false;
            }
            catch (SqliteException error)
            {
                throw VaultFile.Translate(error, _path);
            }
            finally
            {
                _inTransaction = false;
            }
        }
    }

    /// <summary>Ends the vault in order: marks it as closed, empties the log, and lets go of the file.</summary>
    public void Close()
    {
        if (!_header.IsClosed)
            Write(static transaction => true, closes: true);
        Tidy();
        Dispose();
    }

    /// <summary>Lets go of the file and erases the keys. Without <see cref="Close"/>, the next start counts as one after a crash.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _file.Dispose();
            _keys.Dispose();
            _scratch.Dispose();
            _lock.Dispose();
        }
    }

    private T Write<T>(Func<VaultTransaction, T> action, bool closes)
    {
        lock (_gate)
        {
            Enter();
            try
            {
                _file.Begin();
                var rows = new VaultRows(_file, _keys, _scratch, _header, writable: true);
                var transaction = new VaultTransaction(rows);
                T result = action(transaction);
                if (!rows.HasChanged && !closes)
                {
                    _file.Rollback();
                    return result;
                }

                rows.Finish(_id, closes);
                _file.Commit();
                Adopt(rows);
                _index?.Apply(transaction.Changes);
                return result;
            }
            catch (SqliteException error)
            {
                _file.Rollback();
                throw VaultFile.Translate(error, _path);
            }
            catch
            {
                _file.Rollback();
                throw;
            }
            finally
            {
                _inTransaction = false;
            }
        }
    }

    private void Adopt(VaultRows rows)
    {
        _header = rows.Header;
        if (rows.NextKeys is VaultKeys next)
        {
            _keys.Dispose();
            _keys = next;
        }

        _wantsTidying |= rows.WantsTidying || _file.WantsTidying;
        if (!_wantsTidying)
            return;
        try
        {
            _file.Tidy();
            _wantsTidying = false;
        }
        catch (SqliteException)
        {
            // The transaction is on disk; only the emptying of the log failed (a full disk, mostly), and the next transaction tries again.
        }
    }

    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_inTransaction)
            throw new InvalidOperationException("A transaction is under way on this thread: use that one.");
        _inTransaction = true;
    }

    private void CheckHeader(VaultOptions options)
    {
        if (_header.Schema != VaultHeader.CurrentSchema)
            throw new VaultException(VaultFault.Damaged, $"The vault {_path} has another schema than it says: somebody changed it.");
        if (_header.Generation < options.LeastGeneration)
        {
            throw new VaultException(
                VaultFault.RolledBack,
                $"The vault {_path} is older than it was: it is at generation {_header.Generation}, and was at {options.LeastGeneration}. Somebody put an old copy back.");
        }
    }

    // Rows are found through their index, so it is checked as well: an entry that is missing, out of order or leads to another row would hide a row
    // although it stands in the table. Two sums over (key, id) compare the two without holding either in memory, or reading the table in the index's order.
    private void CheckSum()
    {
        var sum = default(RowSum);
        ulong rows = 0;
        foreach (VaultTable table in VaultSchema.Tables)
        {
            var places = default(RowSum);
            foreach ((long id, RowStamp stamp) in _file.Stamps(table))
            {
                sum += RowSum.Term(_keys, table, stamp);
                places += RowSum.Place(_keys, table, stamp.Key, id);
                rows++;
            }

            byte[] last = [];
            foreach ((long id, byte[] key) in _file.IndexEntries(table))
            {
                if (last.AsSpan().SequenceCompareTo(key) >= 0)
                    throw IndexDamaged(table);
                places -= RowSum.Place(_keys, table, key, id);
                last = key;
            }

            if (places != default)
                throw IndexDamaged(table);
        }

        if (sum == _header.Sum && rows == _header.Rows)
            return;
        string what = rows == _header.Rows ? "a row of it was put back in an older form, or moved" : $"it has {rows} rows, and was left with {_header.Rows}";
        throw new VaultException(VaultFault.Damaged, $"The vault {_path} is not as it was left: {what}. The file is damaged, or somebody changed it.");
    }

    private VaultException IndexDamaged(VaultTable table)
        => new(VaultFault.Damaged, $"The index of {table} in the vault {_path} is not that of its rows: the file is damaged, or somebody changed it.");

    private static void ThrowIfUnfit(IReadOnlyList<VaultRecipient> recipients)
    {
        ArgumentNullException.ThrowIfNull(recipients);
        if (recipients.Count == 0)
            throw new ArgumentException("A vault that nobody may open is lost: name at least one recipient.", nameof(recipients));
        if (recipients.DistinctBy(recipient => recipient.Id).Count() != recipients.Count)
            throw new ArgumentException("A recipient is named twice.", nameof(recipients));
    }

    private static KeyWrapping[] Wrap(VaultKeys keys, byte[] id, IEnumerable<VaultRecipient> recipients)
        => [.. recipients.Select(recipient => KeyWrapping.Create(keys.Root, id, recipient))];

    private static List<VaultRecipient> ReadRecipients(VaultRows rows) => rows.All(VaultTable.Recipients, static (ref reader, _) => VaultRecipient.Read(ref reader));

    private static void PutRecipients(VaultRows rows, IEnumerable<VaultRecipient> recipients)
    {
        foreach (VaultRecipient recipient in recipients)
            rows.Put(VaultTable.Recipients, new RowName(recipient.Id.ToArray()), recipient);
    }
}
