using System.Security.Cryptography;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// A GroupInfo or a Welcome is a member's word; the log is the relay's. They are held together here: the joiner reads the log from where the
// committer says to have read it, and finds there the commit whose confirmation tag it was shown, or does not enter.

/// <summary>The search for the commit that began the epoch which a joiner was shown.</summary>
internal sealed class LogAnchor
{
    private readonly Epoch _epoch;
    private readonly byte[] _confirmationTag;

    public LogAnchor(RoomId room, Seen seen, GroupInfo info)
    {
        Log = new RoomLog(new RoomChain(room, seen.RoomSize, seen.RoomHead, default));
        _epoch = info.Context.Epoch;
        _confirmationTag = info.ConfirmationTag.ToArray();
    }

    public RoomLog Log { get; }

    /// <summary>The commit's position; null until it is found.</summary>
    public ulong? Sequence { get; private set; }

    /// <summary>Takes the next entry; the rule of the chain that it breaks, or null.</summary>
    public RoomRule? Take(EntryPush push, RegistryState registry, ulong clock)
    {
        RoomEntry entry = push.Entry;
        Digest? hash = push.Message is { } body ? Digest.Of(body.Span) : null;
        if (Log.Chain.Check(entry, hash) is { } broken)
            return broken;
        if (RoomChain.CheckReadable(entry, clock, registry.Size) is { } wait)
            return wait;
        Log.Take(entry);
        if (Sequence is null && entry.IsHandshake && push.Message is { } message && IsCommit(message.Span))
        {
            Sequence = entry.Sequence;
            Log.Begin(_epoch, entry.Sequence + 1);
        }

        return null;
    }

    private bool IsCommit(ReadOnlySpan<byte> message)
    {
        try
        {
            return MlsMessage.Decode(message).PublicMessage is { ContentType: ContentType.Commit } commit
                && commit.Epoch.Next == _epoch
                && CryptographicOperations.FixedTimeEquals(commit.ConfirmationTag, _confirmationTag);
        }
        catch (Exception malformed) when (malformed is DecodeException or ValidationException)
        {
            // An entry that is no MLS is no commit.
            return false;
        }
    }
}
