using HardwareChat.Protocol;

namespace HardwareChat.Client.Content;

// hwchat:u/HANDLE, hwchat:r/ROOM and hwchat:b/BLOB. A room's id commits to its registry (RoomGenesis), so the URIs of users need
// not name the registry again. No authority: there is no host to ask, and nothing here is ever fetched by following a link.

/// <summary>The URIs that stand for users, rooms and blobs inside of content.</summary>
public static class ContentUri
{
    private const string User = "hwchat:u/";
    private const string Room = "hwchat:r/";
    private const string Blob = "hwchat:b/";

    /// <summary>The URI of a user.</summary>
    public static string OfUser(Handle user) => User + user;

    /// <summary>The URI of a room.</summary>
    public static string OfRoom(RoomId room) => Room + room;

    /// <summary>The URI of a blob at the relay.</summary>
    public static string OfBlob(Digest blob) => Blob + blob;

    /// <summary>The user of a URI, if it is one.</summary>
    public static bool TryParseUser(string? uri, out Handle user)
    {
        user = default;
        return uri is not null && uri.StartsWith(User, StringComparison.Ordinal) && Handle.TryParse(uri[User.Length..], out user);
    }

    /// <summary>The blob of a URI, if it is one.</summary>
    public static bool TryParseBlob(string? uri, out Digest blob)
    {
        blob = default;
        if (uri is null || uri.Length != Blob.Length + (2 * Digest.Size) || !uri.StartsWith(Blob, StringComparison.Ordinal))
            return false;
        Span<byte> bytes = stackalloc byte[Digest.Size];
        if (Convert.FromHexString(uri.AsSpan(Blob.Length), bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            return false;
        blob = new Digest(bytes);
        return OfBlob(blob) == uri;
    }
}
