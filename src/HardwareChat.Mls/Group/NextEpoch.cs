using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §12.4.1, §12.4.2, the part that committer, members and an external joiner share: from the signed commit to the secrets.

/// <summary>The secrets of the epoch that a commit begins. The joiner secret and the PSK secret live until the Welcome is made.</summary>
internal sealed class NextEpoch : IDisposable
{
    private EpochSecrets? _secrets;

    private NextEpoch(GroupContext context, Secret joinerSecret, Secret pskSecret, EpochSecrets secrets)
    {
        Context = context;
        JoinerSecret = joinerSecret;
        PskSecret = pskSecret;
        _secrets = secrets;
        ConfirmationTag = secrets.ConfirmationTag(context.ConfirmedTranscriptHash);
    }

    public GroupContext Context { get; }

    public Secret JoinerSecret { get; }

    public Secret PskSecret { get; }

    public byte[] ConfirmationTag { get; }

    /// <param name="suite">The group's.</param>
    /// <param name="commit">The signed commit.</param>
    /// <param name="interimBefore">interim_transcript_hash of the old epoch.</param>
    /// <param name="provisional">The provisional GroupContext.</param>
    /// <param name="initSecret">Of the old epoch, or of the ExternalInit.</param>
    /// <param name="commitSecret">Of the path, or zeros.</param>
    /// <param name="psks">In the commit's order.</param>
    public static NextEpoch Derive(
        CipherSuite suite, AuthenticatedContent commit, ReadOnlySpan<byte> interimBefore, GroupContext provisional, Secret initSecret, Secret commitSecret, PskLookup psks)
    {
        // RFC 9420 §12.4.2: "Update the confirmed and interim transcript hashes using the new Commit, and generate the new GroupContext."
        using var input = new TlsBuffer();
        var writer = new TlsWriter(input);
        commit.WireFormat.WriteTo(ref writer);
        commit.Content.WriteTo(ref writer);
        writer.WriteOpaque(commit.Auth.Signature);
        GroupContext context = provisional.With(TranscriptHash.Confirmed(suite, interimBefore, input.WrittenSpan));

        // "Derive the psk_secret", "compute the new joiner_secret, welcome_secret, epoch_secret, and derived secrets for the new epoch".
        Secret pskSecret = psks.DerivePskSecret(suite);
        Secret joinerSecret = KeySchedule.DeriveJoinerSecret(suite, initSecret, commitSecret, context.Encoded);
        return new NextEpoch(context, joinerSecret, pskSecret, KeySchedule.DeriveEpoch(suite, joinerSecret, pskSecret, context.Encoded));
    }

    /// <summary>The epoch's secrets, once; the caller owns them.</summary>
    public EpochSecrets TakeSecrets()
    {
        EpochSecrets taken = _secrets ?? throw new InvalidOperationException("the secrets are taken");
        _secrets = null;
        return taken;
    }

    public void Dispose()
    {
        JoinerSecret.Dispose();
        PskSecret.Dispose();
        _secrets?.Dispose();
    }
}
