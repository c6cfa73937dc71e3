using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>What a commit did, in words.</summary>
public static class RoomNotice
{
    /// <summary>The sentence; null where a commit did nothing that concerns a person.</summary>
    public static string? Of(RoomChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        List<string> parts = [];
        Handle committer = change.Committer.Handle;
        if (change.HasEntered)
            parts.Add($"{committer} came in");
        if (change.Added.Count > 0)
            parts.Add($"{committer} added {Names(change.Added)}");
        Member[] removed = [.. change.Removed.Where(member => !(change.HasEntered && member.Handle == committer))];
        if (removed.Length > 0)
            parts.Add(removed.All(member => member.Handle == committer) ? $"{committer} dropped a session of {committer}" : $"{committer} removed {Names(removed)}");
        if (change.TermsChanged && removed.Length == 0)
            parts.Add($"{committer} changed the room's settings");
        return parts.Count == 0 ? null : string.Join("; ", parts);
    }

    private static string Names(IEnumerable<Member> members) => string.Join(", ", members.Select(static member => member.Handle.ToString()).Distinct());
}
