using HardwareChat.Protocol;
using HardwareChat.Wire;

namespace HardwareChat.Client;

// struct { CommunityPin community<V>; Handle handle; } PendingEnrolment;

/// <summary>An enrolment that was sent to a relay, of which nobody knows yet whether it was taken.</summary>
/// <param name="Community">The community.</param>
/// <param name="Handle">The person's handle there.</param>
public sealed record PendingEnrolment(CommunityPin Community, Handle Handle) : ITlsSerializable
{
    private const string Setting = "enrolment";

    /// <summary>What the vault keeps; null if nothing is pending.</summary>
    /// <exception cref="DecodeException">Malformed, or of a newer version.</exception>
    public static PendingEnrolment? Load(VaultTransaction vault)
    {
        ArgumentNullException.ThrowIfNull(vault);
        if (vault.Settings.Find(Setting) is not { } bytes)
            return null;
        var reader = new TlsReader(bytes);
        var community = CommunityPin.Decode(reader.ReadOpaque(CommunityPin.MaxBytes));
        Handle handle = Handle.Read(ref reader);
        reader.ThrowIfNotEmpty();
        return new PendingEnrolment(community, handle);
    }

    /// <summary>Keeps it in the vault.</summary>
    public void Save(VaultTransaction vault)
    {
        ArgumentNullException.ThrowIfNull(vault);
        vault.Settings.Put(Setting, TlsWriter.Encode(this));
    }

    /// <summary>It is known what became of it.</summary>
    public static void Settle(VaultTransaction vault)
    {
        ArgumentNullException.ThrowIfNull(vault);
        vault.Settings.Remove(Setting);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        writer.WriteOpaque(TlsWriter.Encode(Community));
        Handle.WriteTo(ref writer);
    }
}
