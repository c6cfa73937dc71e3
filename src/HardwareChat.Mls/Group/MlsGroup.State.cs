using HardwareChat.Wire;

namespace HardwareChat.Mls;

// A saved group is everything it still has: consumed keys are gone from it because they are gone from memory. The format is this
// library's own; its first field is its version.

public sealed partial class MlsGroup
{
    private const ushort FormatVersion = 1;

    /// <summary>The group as bytes, private keys included: to be stored only where nobody else can read it.</summary>
    /// <exception cref="InvalidOperationException">This client was removed: there is nothing left to save.</exception>
    public byte[] Save()
    {
        using var buffer = new TlsBuffer(1 << 14);
        Save(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the group as bytes, private keys included.</summary>
    /// <exception cref="InvalidOperationException">This client was removed: there is nothing left to save.</exception>
    public void Save(System.Buffers.IBufferWriter<byte> output)
    {
        if (Status == GroupStatus.Evicted)
            throw new InvalidOperationException("this client was removed: there is nothing left to save");
        var writer = new TlsWriter(output);
        writer.WriteUInt16(FormatVersion);
        Options.WriteTo(ref writer);
        writer.WriteOptional(ReInit is not null);
        ReInit?.WriteTo(ref writer);
        _current.WriteTo(ref writer);
        writer.WriteVector(_past, static (ref writer, past) =>
        {
            foreach (PastEpoch epoch in past)
                epoch.WriteTo(ref writer);
        });
        writer.WriteVector(_proposals.Values, static (ref writer, proposals) =>
        {
            foreach (CommittedProposal proposal in proposals)
                proposal.WriteTo(ref writer);
        });
        writer.WriteVector(_updateKeys.Values, static (ref writer, pairs) =>
        {
            foreach (HpkeKeyPair pair in pairs)
            {
                writer.WriteOpaque(pair.PrivateKey.Span);
                pair.PublicKey.WriteTo(ref writer);
            }
        });
        writer.WriteOptional(PendingCommit is not null);
        PendingCommit?.WriteTo(ref writer);
    }

    /// <summary>A group that was saved.</summary>
    /// <exception cref="DecodeException">The bytes are not a saved group, or of another format version.</exception>
    /// <exception cref="ValidationException">The tree inside is none.</exception>
    public static MlsGroup Restore(ReadOnlySpan<byte> saved)
    {
        var reader = new TlsReader(saved);
        if (reader.ReadUInt16() != FormatVersion)
            throw reader.Malformed("the saved group is of another format version");
        GroupOptions options = GroupOptions.ReadFrom(ref reader);
        var reInit = reader.ReadOptional() ? Proposal.ReadFrom(ref reader) as ReInitProposal ?? throw reader.Malformed("not a ReInit") : null;
        var group = new MlsGroup(EpochState.ReadFrom(ref reader), options)
        {
            ReInit = reInit,
            Status = reInit is null ? GroupStatus.Active : GroupStatus.ReInitialized,
        };
        try
        {
            group.RestoreRest(ref reader);
            reader.ThrowIfNotEmpty();
            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    /// <summary>A group that a joiner has just entered.</summary>
    internal static MlsGroup Of(EpochState ownedState, GroupOptions options) => new(ownedState, options);

    private void RestoreRest(ref TlsReader reader)
    {
        TlsReader past = reader.ReadVector(TlsVector.NoLimit);
        while (!past.IsEmpty)
            _past.Add(PastEpoch.ReadFrom(ref past, Suite));
        foreach (CommittedProposal proposal in TlsVector.Read(ref reader, CommittedProposal.ReadFrom))
            _proposals[proposal.Reference ?? throw reader.Malformed("a kept proposal has no reference")] = proposal;
        TlsReader pairs = reader.ReadVector(TlsVector.NoLimit);
        while (!pairs.IsEmpty)
        {
            var privateKey = new HpkePrivateKey(pairs.ReadOpaque(TlsVector.NoLimit));
            HpkePublicKey publicKey = HpkePublicKey.ReadFrom(ref pairs);
            if (!_updateKeys.TryAdd(publicKey, new HpkeKeyPair(privateKey, publicKey)))
                throw pairs.Malformed("a key of an Update is there twice");
        }

        if (reader.ReadOptional())
            PendingCommit = StagedCommit.ReadFrom(ref reader, Context);
    }

    internal static void Fuzz(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Restore(bytes).Dispose();
        }
        catch (Exception exception) when (exception is DecodeException or ValidationException)
        {
            // The two ways in which untrusted bytes may end.
        }
    }
}
