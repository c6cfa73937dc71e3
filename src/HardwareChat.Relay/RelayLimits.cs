using System.ComponentModel.DataAnnotations;
using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>Every limit of this relay that the protocol leaves to it; the others stand in <see cref="Protocol.ProtocolLimits"/>.</summary>
/// <remarks>Bound from the configuration section <c>Limits</c>. Crossing one is answered with the error that stands beside it.</remarks>
public sealed class RelayLimits
{
    /// <summary>WebSocket fragments of one message: the connection is closed. One record needs one.</summary>
    public const int FragmentsPerMessage = 16;

    /// <summary>Pings and pongs of one connection in a burst, and then one a second: the connection is closed.</summary>
    public const double PingBurst = 20;

    /// <summary>Connections that have finished their handshake: further ones are closed at once.</summary>
    [Range(1, 1_000_000)]
    public int Connections { get; set; } = 20_000;

    /// <summary>Connections of one token, or of one invite: the oldest is closed.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsPerToken { get; set; } = 8;

    /// <summary>Seconds without a byte from a client, after which its connection is closed.</summary>
    [Range(1, 86_400)]
    public int IdleSeconds { get; set; } = 180;

    /// <summary>Bytes that wait for one connection: its rooms are detached, and answers beyond twice that close it.</summary>
    [Range(2 * ProtocolLimits.CommitBytes, 512 * 1024 * 1024)]
    public int QueueBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Rooms that one connection reads at a time: <c>busy</c>.</summary>
    [Range(1, 1_000_000)]
    public int Subscriptions { get; set; } = 1024;

    /// <summary>Appends of one connection that are under way: its reading waits.</summary>
    [Range(1, 65_536)]
    public int AppendsUnderWay { get; set; } = 256;

    /// <summary>Requests of one token, or of one invite, in a burst: <c>busy</c>.</summary>
    [Range(1.0, 1e9)]
    public double RequestBurst { get; set; } = 400;

    /// <summary>Requests of one token a second, in the long run: <c>busy</c>.</summary>
    [Range(0.001, 1e9)]
    public double RequestsPerSecond { get; set; } = 100;

    /// <summary>Bytes of requests of one token in a burst: <c>busy</c>.</summary>
    [Range(1.0, 1e12)]
    public double RequestBytesBurst { get; set; } = 32 * 1024 * 1024;

    /// <summary>Bytes of requests of one token a second, in the long run: <c>busy</c>.</summary>
    [Range(1.0, 1e12)]
    public double RequestBytesPerSecond { get; set; } = 2 * 1024 * 1024;

    /// <summary>Rooms that one user may found: <c>busy</c>.</summary>
    [Range(1, 1_000_000)]
    public int RoomsPerOwner { get; set; } = 200;

    /// <summary>Handles on one roster: <c>too_large</c>.</summary>
    [Range(1, 1_000_000)]
    public int RosterHandles { get; set; } = 1000;

    /// <summary>Key packages in a token's stock, without the last resort: <c>too_large</c>.</summary>
    [Range(1, 65_536)]
    public int KeyPackagesPerToken { get; set; } = 128;

    /// <summary>Key packages that one token may take in an hour: <c>busy</c>.</summary>
    [Range(1.0, 1e9)]
    public double KeyPackagesTakenPerHour { get; set; } = 2000;

    /// <summary>Statements that one token may submit in an hour: <c>busy</c>.</summary>
    [Range(1.0, 1e9)]
    public double StatementsPerHour { get; set; } = 120;

    /// <summary>Bytes of one user's blobs: <c>too_large</c>.</summary>
    [Range(1.0, 1e15)]
    public ulong BlobBytesPerUser { get; set; } = 4UL * 1024 * 1024 * 1024;

    /// <summary>Days after which blobs are deleted.</summary>
    [Range(1, 36_500)]
    public int BlobDays { get; set; } = 30;

    /// <summary>Days after which the bodies of messages are deleted; 0 keeps them.</summary>
    [Range(0, 36_500)]
    public int MessageDays { get; set; }
}
