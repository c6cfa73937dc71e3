using System.Security.Cryptography;
using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>The requests for tickets of the blob endpoints.</summary>
internal sealed class BlobRequests(IRelayStore store, RoomHub hub, BlobTickets tickets, RelayOptions options, RelayTime time)
{
    private static readonly ErrorFrame Refused = new(ErrorCode.Refused, 0);

    /// <summary>A ticket to upload a new blob for a room.</summary>
    public async ValueTask<FrameBody?> UploadAsync(ClientConnection client, UploadBlob upload)
    {
        if (upload.Size is 0 or > ProtocolLimits.BlobBytes)
            return new ErrorFrame(ErrorCode.TooLarge, 0);
        if (await hub.Grain(upload.Room).StandingAsync(client.Handle.ToString()) is not { MayRead: true } || await store.IsRestoredAsync())
            return Refused;
        var name = new Digest(RandomNumberGenerator.GetBytes(Digest.Size));
        var blob = new StoredBlob(name, upload.Room, client.Handle, upload.Size, 0, time.UnixSeconds());
        return await store.CreateBlobAsync(blob, options.Limits.BlobBytesPerUser) ? tickets.Issue(name, BlobDirection.Upload) : new ErrorFrame(ErrorCode.TooLarge, 0);
    }

    /// <summary>A ticket to go on with an upload of one's own, or to download.</summary>
    public async ValueTask<FrameBody?> DownloadAsync(ClientConnection client, DownloadBlob download)
    {
        if (await store.FindBlobAsync(download.Blob) is not { } blob)
            return Refused;
        if (!blob.IsComplete)
            return blob.Owner == client.Handle ? tickets.Issue(blob.Id, BlobDirection.Upload) : Refused;
        bool mayRead = await hub.Grain(blob.Room).StandingAsync(client.Handle.ToString()) is { MayRead: true };
        return mayRead ? tickets.Issue(blob.Id, BlobDirection.Download) : Refused;
    }
}
