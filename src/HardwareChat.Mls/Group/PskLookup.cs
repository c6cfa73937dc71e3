using HardwareChat.Wire;

namespace HardwareChat.Mls;

/// <summary>The PSKs of one commit or Welcome, found and put in order. Owns their keys.</summary>
internal sealed class PskLookup : IDisposable
{
    private readonly List<(ReadOnlyMemory<byte> Id, Secret Psk)> _psks = [];

    public static PskLookup Find(IReadOnlyList<PreSharedKeyId> ids, Func<PreSharedKeyId, Secret?> find)
    {
        var lookup = new PskLookup();
        try
        {
            foreach (PreSharedKeyId id in ids)
            {
                // RFC 9420 §12.4.2: "Verify that all PreSharedKey proposals in the proposals vector are available."
                Secret psk = find(id) ?? throw new ValidationException(ValidationRule.PskAvailable, "a pre-shared key is not at hand");
                lookup._psks.Add((TlsWriter.Encode(id), psk));
            }

            return lookup;
        }
        catch
        {
            lookup.Dispose();
            throw;
        }
    }

    /// <summary>What must hold of the PSKs of a commit or a Welcome.</summary>
    /// <param name="suite">Of the group into which they go.</param>
    /// <param name="ids">Their names.</param>
    /// <param name="successorUsage">The usage that is allowed because a group continues another; else None.</param>
    public static void Validate(CipherSuite suite, IReadOnlyList<PreSharedKeyId> ids, ResumptionPskUsage successorUsage)
    {
        // RFC 9420 §8.4: PSKLabel counts in uint16.
        if (ids.Count > ushort.MaxValue)
            throw new ValidationException(ValidationRule.PskUsageAllowed, "more pre-shared keys than the key schedule counts");
        foreach (PreSharedKeyId id in ids)
        {
            // RFC 9420 §12.1.4: invalid if "The psk_nonce is not of length KDF.Nh." (ValSem401)
            if (id.Nonce.Length != suite.HashLength)
                throw new ValidationException(ValidationRule.PskNonceLength, "a PSK's nonce has the wrong length");

            // RFC 9420 §12.1.4: invalid if "not being processed as part of a reinitialization" and usage is reinit, or "not being processed as
            // part of a subgroup branching operation" and usage is branch. (ValSem402)
            if (id.Usage is ResumptionPskUsage.ReInit or ResumptionPskUsage.Branch && id.Usage != successorUsage)
                throw new ValidationException(ValidationRule.PskUsageAllowed, "a PSK's usage is not allowed here");
        }

        // RFC 9420 §12.2: invalid if "It contains multiple PreSharedKey proposals that reference the same PreSharedKeyID." (ValSem403)
        if (ids.Count > 1 && ids.Distinct().Count() != ids.Count)
            throw new ValidationException(ValidationRule.PskUnique, "a PSK is referenced twice");
    }

    public Secret DerivePskSecret(CipherSuite suite) => PskSecret.Derive(suite, _psks);

    public void Dispose()
    {
        foreach ((_, Secret psk) in _psks)
            psk.Dispose();
        _psks.Clear();
    }
}
