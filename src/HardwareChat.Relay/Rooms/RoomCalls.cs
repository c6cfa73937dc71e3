using HardwareChat.Protocol;

namespace HardwareChat.Relay;

// What travels between the processes of a relay. Inside one process nothing is copied: whatever is here is never changed.

/// <summary>An Append of one client.</summary>
/// <param name="frame">The encoded frame.</param>
/// <param name="token">Whose channel it came from.</param>
/// <param name="handle">Whose token that is.</param>
/// <param name="parsed">The frame, where it was parsed in this process.</param>
[GenerateSerializer]
[Immutable]
internal sealed class AppendCall(byte[] frame, byte[] token, string handle, Append? parsed)
{
    [NonSerialized]
    private readonly Append? _parsed = parsed;

    /// <summary>The encoded frame.</summary>
    [Id(0)]
    public byte[] Frame { get; } = frame;

    /// <summary>Whose channel it came from.</summary>
    [Id(1)]
    public byte[] Token { get; } = token;

    /// <summary>Whose token that is.</summary>
    [Id(2)]
    public string Handle { get; } = handle;

    /// <summary>The Append.</summary>
    public Append ToAppend() => _parsed ?? (Append)Protocol.Frame.DecodeFromClient(Frame).Body;
}

/// <summary>The answer to an Append.</summary>
/// <param name="Code">Why not; null if the message is in the log, on disk.</param>
/// <param name="RetryAfter">Seconds to wait, where that helps.</param>
/// <param name="Sequence">The position.</param>
/// <param name="Time">The stamp's time.</param>
/// <param name="RegistrySize">The stamp's registry size.</param>
/// <param name="Receipt">The receipt.</param>
[GenerateSerializer]
[Immutable]
internal readonly record struct AppendReply(
    [property: Id(0)] ErrorCode? Code,
    [property: Id(1)] uint RetryAfter,
    [property: Id(2)] ulong Sequence,
    [property: Id(3)] ulong Time,
    [property: Id(4)] ulong RegistrySize,
    [property: Id(5)] byte[]? Receipt)
{
    /// <summary>Not done.</summary>
    public static AppendReply Refusal(ErrorCode code, uint retryAfter = 0) => new(code, retryAfter, 0, 0, 0, null);
}

/// <summary>Where a room stands, for one user.</summary>
/// <param name="MayRead">Whether the user is on the roster.</param>
/// <param name="MayEnter">Whether the user may append an external commit.</param>
/// <param name="Size">Entries.</param>
/// <param name="Horizon">The first sequence whose message is kept.</param>
/// <param name="Head">The hash of the last entry; the room's id for none.</param>
/// <param name="Owners">The owners.</param>
/// <param name="Handles">The others on the roster.</param>
/// <param name="IsOpen">Whether the door is open.</param>
[GenerateSerializer]
[Immutable]
internal sealed record RoomStanding(
    [property: Id(0)] bool MayRead,
    [property: Id(1)] bool MayEnter,
    [property: Id(2)] ulong Size,
    [property: Id(3)] ulong Horizon,
    [property: Id(4)] byte[] Head,
    [property: Id(5)] string[] Owners,
    [property: Id(6)] string[] Handles,
    [property: Id(7)] bool IsOpen);

/// <summary>Entries that a room has taken, for its readers in one process.</summary>
/// <param name="Room">The room.</param>
/// <param name="From">The sequence of the first.</param>
/// <param name="Frames">The encoded EntryPush frames.</param>
/// <param name="Dropped">Users who may no longer read.</param>
[GenerateSerializer]
[Immutable]
internal sealed record RoomBatch(
    [property: Id(0)] byte[] Room,
    [property: Id(1)] ulong From,
    [property: Id(2)] byte[][] Frames,
    [property: Id(3)] string[] Dropped);

/// <summary>A process that has readers of a room.</summary>
internal interface IRoomObserver : IGrainObserver
{
    /// <summary>New entries.</summary>
    [OneWay]
    Task PublishAsync(RoomBatch batch);

    /// <summary>An ephemeral frame.</summary>
    /// <param name="room">The room.</param>
    /// <param name="sender">Whose channel it came from.</param>
    /// <param name="frame">The encoded EphemeralPush frame.</param>
    [OneWay]
    Task PublishEphemeralAsync(byte[] room, byte[] sender, byte[] frame);
}

/// <summary>A room: the sequencer of its log. Its key is the RoomId in hexadecimal.</summary>
internal interface IRoomGrain : IGrainWithStringKey
{
    /// <summary>Judges appends in order, and answers when the accepted ones are on disk.</summary>
    Task<AppendReply[]> AppendAsync(AppendCall[] calls);

    /// <summary>Where the room stands; null if there is none.</summary>
    Task<RoomStanding?> StandingAsync(string handle);

    /// <summary>Sends new entries to a process from now on, for a while: the process asks again before that is over.</summary>
    /// <returns>The size of the log from which on entries are sent; null if there is no such room.</returns>
    Task<ulong?> AttachAsync(string process, IRoomObserver observer);

    /// <summary>Sends an ephemeral frame to all processes with readers.</summary>
    Task EphemeralAsync(string handle, byte[] sender, byte[] frame);

    /// <summary>Deletes some of the messages that are older than a time, oldest first, and moves the horizon.</summary>
    Task ExpireAsync(ulong before);

    /// <summary>Takes back entries after a restore: those that bear the relay's receipt and chain on.</summary>
    /// <param name="handle">Who offers.</param>
    /// <param name="offer">The encoded OfferEntries frame.</param>
    /// <returns>How many were taken.</returns>
    Task<int> OfferAsync(string handle, byte[] offer);
}
