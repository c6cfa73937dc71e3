using System.Collections.Concurrent;
using HardwareChat.Client.Attachments;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <content>Files: sealed to a spool beside the vault, sent to the relay as a blob, and named in a message when the relay has it whole.</content>
/// <remarks>
/// The bytes go beside the channel and outside the engine's turn. The vault knows of an upload from its first byte at the relay on, and
/// gives it up for the message in one write: after a break it goes on where it stopped, and the message is said once.
/// </remarks>
public sealed partial class ChatClient
{
    private const string SpoolEnding = ".upload";

    private readonly ConcurrentDictionary<string, bool> _uploads = [];
    private readonly HttpClient _http = HttpBlobTransfer.CreateHttp();

    /// <summary>Sends a file; completes when the message that names it is in the room's log.</summary>
    /// <param name="room">The room.</param>
    /// <param name="path">The file.</param>
    /// <param name="caption">Words that go with it; may be empty.</param>
    /// <param name="progress">Told of the bytes that the relay holds; may be null.</param>
    /// <param name="cancel">Gives the file up: nothing of it stays here.</param>
    /// <exception cref="ConnectionException">The connection was lost: the upload goes on by itself on the next one.</exception>
    /// <exception cref="AttachmentException">The file is too large, or changed meanwhile.</exception>
    /// <exception cref="RelayException">The relay does not take it: it is beyond this user's quota, or larger than the relay allows.</exception>
    public async Task<MessageId> SendFileAsync(RoomId room, string path, string caption = "", IProgress<long>? progress = null, CancellationToken cancel = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _end.Token);
        await DoAsync(() => Task.FromResult(Joined(room)));
        StoredTransfer transfer = await BeginUploadAsync(room, path, caption, either.Token);
        try
        {
            return await UploadAsync(transfer, progress, either.Token);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested && !_end.IsCancellationRequested)
        {
            GiveUp(transfer);
            throw;
        }
    }

    /// <summary>Fetches a file that a message names, or the rest of it.</summary>
    /// <param name="room">The room.</param>
    /// <param name="message">The message.</param>
    /// <param name="index">Which of its files, from 0.</param>
    /// <param name="folder">Where it goes: under its sender's name for it, made harmless, and never over another file.</param>
    /// <param name="progress">Told of the bytes that are there; may be null.</param>
    /// <param name="cancel">Ends it; called again, it goes on.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="RoomException">The message names no such file.</exception>
    /// <exception cref="ConnectionException">The connection was lost; called again, it goes on.</exception>
    /// <exception cref="AttachmentException">The relay has another file than the message promised, or none.</exception>
    public async Task<string> SaveFileAsync(RoomId room, MessageId message, int index, string folder, IProgress<long>? progress = null, CancellationToken cancel = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _end.Token);
        StoredMessage? kept = _vault.Read(vault => vault.Messages.FindById(room, message.ToArray()) is [var first, ..] ? first : null);
        if (kept is null || MessageText.ContentOf(kept) is not MessageContent content || index < 0 || index >= content.Attachments.Count)
            throw new RoomException("the message names no such file");
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"there is no folder {folder}");
        AttachmentManifest manifest = content.Attachments[index];
        string part = Path.Combine(_vault.MakeFilesFolder(), $"{manifest.Blob}.part");
        HttpBlobTransfer transfer = await TransferAsync(manifest.Blob, either.Token);
        await using (transfer)
            return await AttachmentDownload.FetchAsync(manifest, transfer, part, folder, progress, either.Token);
    }

    private async Task<StoredTransfer> BeginUploadAsync(RoomId room, string path, string caption, CancellationToken cancel)
    {
        string spool = Path.Combine(_vault.MakeFilesFolder(), Guid.NewGuid().ToString("N") + SpoolEnding);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            FileStream source = File.OpenRead(path);
            await using (source)
            {
                SealedAttachment file;
                FileStream target = new(spool, options);
                await using (target)
                {
                    file = await AttachmentSealer.SealAsync(source, target, null, cancel);
                    target.Flush(flushToDisk: true);
                }
                using (file)
                    return await AnnounceAsync(room, spool, file, Path.GetFileName(path), caption);
            }
        }
        catch
        {
            File.Delete(spool);
            throw;
        }
    }

    // From here on the vault knows of it. The message is made now, for it holds the file's key.
    private Task<StoredTransfer> AnnounceAsync(RoomId room, string spool, SealedAttachment file, string name, string caption) => DoAsync(async () =>
    {
        ulong size = (ulong)new FileInfo(spool).Length;
        BlobTicket ticket = await AskAsync<BlobTicket>(new UploadBlob(room, size));
        AttachmentManifest manifest = file.ToManifest(ticket.Blob, name, MediaTypes.Of(name));
        var content = new MessageContent(caption, TextFormat.Plain) { Attachments = [manifest] };
        var transfer = new StoredTransfer(ticket.Blob.ToArray())
        {
            Room = room,
            Path = spool,
            Total = size,
            Details = content.ToMimi(MimiContent.NewSalt()).Encode(),
        };
        _vault.Write(vault => vault.Transfers.Put(transfer));
        return transfer;
    });

    private async Task<MessageId> UploadAsync(StoredTransfer transfer, IProgress<long>? progress, CancellationToken cancel)
    {
        if (!_uploads.TryAdd(transfer.Path, true))
            throw new RoomException("the file is on its way already");
        try
        {
            HttpBlobTransfer blob = await TransferAsync(new Digest(transfer.Id.Span), cancel);
            await using (blob)
            {
                FileStream spool = File.OpenRead(transfer.Path);
                await using (spool)
                    await AttachmentUpload.SendAsync(spool, blob, progress, cancel);
            }
            return await DoAsync(() => SayUploadedAsync(transfer));
        }
        finally
        {
            _uploads.TryRemove(transfer.Path, out _);
        }
    }

    private async Task<MessageId> SayUploadedAsync(StoredTransfer transfer)
    {
        JoinedRoom joined = Joined(transfer.Room);
        QueuedMessage queued = _vault.Write(vault =>
        {
            vault.Transfers.Remove(transfer.Id.Span);
            return Enqueue(joined, transfer.Details, vault);
        });
        File.Delete(transfer.Path);
        await SendOutboxAsync(joined, queued.Number);
        return MessageId.FromBytes(queued.MessageId.Span);
    }

    // A ticket for a blob: to go on with an upload of one's own, or to download.
    private async Task<HttpBlobTransfer> TransferAsync(Digest blob, CancellationToken cancel)
    {
        Task<BlobTicket> AskForTicket(CancellationToken ignored) => DoAsync(() => AskAsync<BlobTicket>(new DownloadBlob(blob)));
        Uri address = new RelayEndpoint(_community.Address, _community.Registry, RelayPin.Of(_community.RelayKey)).Blob(blob);
        return new HttpBlobTransfer(_http, address, await AskForTicket(cancel), AskForTicket);
    }

    // What was on its way when the last connection, or the last run, ended.
    private void ResumeUploads()
    {
        IReadOnlyList<StoredTransfer> transfers = _vault.Read(static vault => vault.Transfers.All());
        foreach (StoredTransfer transfer in transfers)
        {
            if (transfer.Direction == TransferDirection.Upload && !_uploads.ContainsKey(transfer.Path))
                _ = ResumeAsync(transfer);
        }
        foreach (string stray in Directory.Exists(_vault.FilesFolder) ? Directory.EnumerateFiles(_vault.FilesFolder, "*" + SpoolEnding) : [])
        {
            if (!_uploads.ContainsKey(stray) && !transfers.Any(transfer => transfer.Path == stray) && File.GetLastWriteTimeUtc(stray) < _time.GetUtcNow().AddDays(-1))
                File.Delete(stray);
        }
    }

    private async Task ResumeAsync(StoredTransfer transfer)
    {
        try
        {
            await UploadAsync(transfer, null, _end.Token);
        }
        catch (Exception e) when (e is ConnectionException or OperationCanceledException || _end.IsCancellationRequested)
        {
            // On the next connection, or in the next run.
        }
        catch (Exception e) when (e is RoomException or AttachmentException or RelayException or IOException or UnauthorizedAccessException)
        {
            GiveUp(transfer);
            TellSoon(new ClientEvent.Trouble(transfer.Room, 0, $"a file was not sent: {e.Message}"));
        }
    }

    private void GiveUp(StoredTransfer transfer)
    {
        _vault.Write(vault => vault.Transfers.Remove(transfer.Id.Span));
        File.Delete(transfer.Path);
    }
}
