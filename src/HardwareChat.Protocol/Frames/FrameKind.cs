namespace HardwareChat.Protocol;

// The two highest bits of a kind say how a frame travels, so that a reader knows what to do with one that it does not know:
//
//   00  request    client -> relay, answered once        unknown: answered with the error `unsupported`
//   01  answer     relay -> client, names its request    unknown: the channel is over, as it was never asked for
//   10  push       relay -> client, unasked              unknown: ignored
//   11  notice     client -> relay, never answered       unknown: ignored

/// <summary>What a frame says.</summary>
public enum FrameKind : byte
{
    /// <summary>Are you there? Answered by <see cref="Pong"/>.</summary>
    Ping = 0x01,

    /// <summary>Founds a room. Answered by <see cref="Done"/>.</summary>
    CreateRoom = 0x02,

    /// <summary>Appends a message. Answered by <see cref="Appended"/>.</summary>
    Append = 0x03,

    /// <summary>Reads a room from a position, and on. Answered by <see cref="Subscribed"/>.</summary>
    Subscribe = 0x04,

    /// <summary>Ends that. Answered by <see cref="Done"/>.</summary>
    Unsubscribe = 0x05,

    /// <summary>Which rooms list me? Answered by <see cref="Rooms"/>.</summary>
    ListRooms = 0x06,

    /// <summary>The newest GroupInfo of a room. Answered by <see cref="GroupInfo"/>.</summary>
    GetGroupInfo = 0x07,

    /// <summary>Who is on a room's roster? Answered by <see cref="RoomRoster"/>.</summary>
    GetRoster = 0x08,

    /// <summary>Leaves key packages with the relay. Answered by <see cref="Done"/>.</summary>
    PublishKeyPackages = 0x09,

    /// <summary>Takes key packages of users. Answered by <see cref="KeyPackages"/>.</summary>
    FetchKeyPackages = 0x0A,

    /// <summary>How many of mine are left? Answered by <see cref="KeyPackageCount"/>.</summary>
    CountKeyPackages = 0x0B,

    /// <summary>All Welcomes that wait for me: pushed one by one, then <see cref="Done"/>.</summary>
    FetchWelcomes = 0x0C,

    /// <summary>A Welcome has been used or turned down. Answered by <see cref="Done"/>.</summary>
    DropWelcome = 0x0D,

    /// <summary>The registry from an index on. Answered by <see cref="Leaves"/>.</summary>
    GetLeaves = 0x0E,

    /// <summary>Appends a statement. Answered by <see cref="Submitted"/>.</summary>
    SubmitStatement = 0x0F,

    /// <summary>Evidence by its hash. Answered by <see cref="Evidence"/>.</summary>
    GetEvidence = 0x10,

    /// <summary>A ticket to upload a blob over HTTP. Answered by <see cref="BlobTicket"/>.</summary>
    UploadBlob = 0x11,

    /// <summary>A ticket to download a blob over HTTP. Answered by <see cref="BlobTicket"/>.</summary>
    DownloadBlob = 0x12,

    /// <summary>Room entries that a restored relay has lost. Answered by <see cref="Offered"/>.</summary>
    OfferEntries = 0x13,

    /// <summary>Registry leaves that a restored relay has lost. Answered by <see cref="Offered"/>.</summary>
    OfferLeaves = 0x14,

    /// <summary>Any request that was not done.</summary>
    Error = 0x40,

    /// <summary>Yes, and what time it is.</summary>
    Pong = 0x41,

    /// <summary>Done; nothing more to say.</summary>
    Done = 0x42,

    /// <summary>The entry is on disk.</summary>
    Appended = 0x43,

    /// <summary>Where the log stands; entries follow as pushes.</summary>
    Subscribed = 0x44,

    /// <summary>Rooms.</summary>
    Rooms = 0x46,

    /// <summary>A GroupInfo.</summary>
    GroupInfo = 0x47,

    /// <summary>A roster.</summary>
    RoomRoster = 0x48,

    /// <summary>Key packages.</summary>
    KeyPackages = 0x4A,

    /// <summary>A number of key packages.</summary>
    KeyPackageCount = 0x4B,

    /// <summary>Registry leaves and the checkpoint over all.</summary>
    Leaves = 0x4E,

    /// <summary>The statement stands.</summary>
    Submitted = 0x4F,

    /// <summary>Evidence.</summary>
    Evidence = 0x50,

    /// <summary>A ticket.</summary>
    BlobTicket = 0x51,

    /// <summary>How many of what was offered the relay has taken.</summary>
    Offered = 0x53,

    /// <summary>An entry of a room that the client reads.</summary>
    Entry = 0x80,

    /// <summary>The relay has stopped reading a room for a slow client, which comes back when it can.</summary>
    Detached = 0x81,

    /// <summary>A Welcome.</summary>
    Welcome = 0x82,

    /// <summary>The registry has grown.</summary>
    RegistryNews = 0x83,

    /// <summary>What somebody in a room sent to whoever is there.</summary>
    EphemeralPush = 0x84,

    /// <summary>The relay goes away.</summary>
    Drain = 0x85,

    /// <summary>The relay was restored from a backup.</summary>
    Restored = 0x86,

    /// <summary>To whoever is in a room now: typing, presence. Not stored.</summary>
    Ephemeral = 0xC0,
}

/// <summary>How a kind travels.</summary>
public enum FrameClass
{
    /// <summary>Client to relay, answered once.</summary>
    Request = 0,

    /// <summary>Relay to client, naming its request.</summary>
    Answer = 1,

    /// <summary>Relay to client, unasked.</summary>
    Push = 2,

    /// <summary>Client to relay, never answered.</summary>
    Notice = 3,
}

/// <summary>What follows from a kind.</summary>
public static class FrameKinds
{
    /// <summary>How the kind travels, whether this version knows it or not.</summary>
    public static FrameClass Class(this FrameKind kind) => (FrameClass)((byte)kind >> 6);

    /// <summary>Whether clients send the kind, and not relays.</summary>
    public static bool IsFromClient(this FrameKind kind) => kind.Class() is FrameClass.Request or FrameClass.Notice;

    /// <summary>Whether a guest may ask for it: to read the registry and enrol, and nothing else.</summary>
    public static bool IsOpenToGuests(this FrameKind kind)
        => kind is FrameKind.Ping or FrameKind.GetLeaves or FrameKind.GetEvidence or FrameKind.SubmitStatement;

    /// <summary>The kind of a request's answer, where it is not <see cref="FrameKind.Error"/>.</summary>
    public static FrameKind AnswerTo(FrameKind request) => request switch
    {
        FrameKind.Ping => FrameKind.Pong,
        FrameKind.Append => FrameKind.Appended,
        FrameKind.Subscribe => FrameKind.Subscribed,
        FrameKind.ListRooms => FrameKind.Rooms,
        FrameKind.GetGroupInfo => FrameKind.GroupInfo,
        FrameKind.GetRoster => FrameKind.RoomRoster,
        FrameKind.FetchKeyPackages => FrameKind.KeyPackages,
        FrameKind.CountKeyPackages => FrameKind.KeyPackageCount,
        FrameKind.GetLeaves => FrameKind.Leaves,
        FrameKind.SubmitStatement => FrameKind.Submitted,
        FrameKind.GetEvidence => FrameKind.Evidence,
        FrameKind.UploadBlob or FrameKind.DownloadBlob => FrameKind.BlobTicket,
        FrameKind.OfferEntries or FrameKind.OfferLeaves => FrameKind.Offered,
        FrameKind.CreateRoom or FrameKind.Unsubscribe or FrameKind.PublishKeyPackages or FrameKind.FetchWelcomes or FrameKind.DropWelcome
            => FrameKind.Done,
        _ => throw new ArgumentOutOfRangeException(nameof(request), "not a request"),
    };
}
