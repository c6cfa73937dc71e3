using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §8, Table "Epoch-Derived Secrets"
//
//   label            secret                 lives until
//   "sender data"    sender_data_secret     the epoch leaves the window of past epochs
//   "encryption"     encryption_secret      the secret tree takes it (at once)
//   "exporter"       exporter_secret        the next epoch begins
//   "external"       external_secret        the next epoch begins
//   "confirm"        confirmation_key       the next epoch begins
//   "membership"     membership_key         the next epoch begins
//   "resumption"     resumption_psk         the application's window of resumption ends
//   "authentication" epoch_authenticator    the next epoch begins
//   "init"           init_secret            the next epoch begins

/// <summary>What the epoch secret is expanded to. The owner disposes of it; the encryption secret is handed on to the secret tree.</summary>
internal sealed class EpochSecrets : IDisposable
{
    private readonly CipherSuite _suite;
    private Secret? _encryptionSecret;

    private EpochSecrets(CipherSuite suite, Func<ReadOnlySpan<byte>, Secret> next)
    {
        _suite = suite;
        SenderDataSecret = next("sender data"u8);
        ExporterSecret = next("exporter"u8);
        ExternalSecret = next("external"u8);
        ConfirmationKey = next("confirm"u8);
        MembershipKey = next("membership"u8);
        ResumptionPsk = next("resumption"u8);
        EpochAuthenticator = next("authentication"u8);
        InitSecret = next("init"u8);
    }

    public Secret SenderDataSecret { get; }

    public Secret ExporterSecret { get; }

    public Secret ExternalSecret { get; }

    public Secret ConfirmationKey { get; }

    public Secret MembershipKey { get; }

    public Secret ResumptionPsk { get; }

    /// <summary>Public among the members, who may compare it out of band (RFC 9420 §8.7).</summary>
    public Secret EpochAuthenticator { get; }

    public Secret InitSecret { get; }

    public static EpochSecrets Derive(CipherSuite suite, Secret epochSecret)
        => new(suite, label => suite.DeriveSecret(epochSecret, label)) { _encryptionSecret = suite.DeriveSecret(epochSecret, "encryption"u8) };

    /// <summary>Secrets that <see cref="WriteTo"/> wrote.</summary>
    /// <exception cref="DecodeException">Cut off, or of another suite's length.</exception>
    public static EpochSecrets ReadFrom(ref TlsReader reader, CipherSuite suite)
    {
        var secrets = new Queue<Secret>();
        for (int i = 0; i < Count; i++)
            secrets.Enqueue(Secret.CopyOf(reader.ReadFixed(suite.HashLength)));
        return new EpochSecrets(suite, _ => secrets.Dequeue());
    }

    /// <summary>encryption_secret, once; the caller owns it then, and no copy stays here.</summary>
    /// <exception cref="InvalidOperationException">It was taken before, or the epoch was restored from a saved state, which never holds it.</exception>
    public Secret TakeEncryptionSecret()
    {
        Secret taken = _encryptionSecret ?? throw new InvalidOperationException("the encryption secret of this epoch is consumed");
        _encryptionSecret = null;
        return taken;
    }

    // RFC 9420 §8
    //
    //   external_priv, external_pub = KEM.DeriveKeyPair(external_secret)

    /// <summary>The key pair to which a joiner addresses its external commit. The caller disposes of it.</summary>
    public HpkeKeyPair DeriveExternalKeyPair() => _suite.DeriveKeyPair(ExternalSecret);

    // RFC 9420 §8.5
    //
    //   MLS-Exporter(Label, Context, Length) =
    //          ExpandWithLabel(DeriveSecret(exporter_secret, Label), "exported", Hash(Context), Length)

    /// <summary>MLS-Exporter. The caller owns the result.</summary>
    public Secret Export(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int length)
    {
        using Secret derived = _suite.DeriveSecret(ExporterSecret, label);
        return _suite.ExpandWithLabel(derived, "exported"u8, _suite.Hash(context), length);
    }

    // RFC 9420 §6.1
    //
    //   confirmation_tag = MAC(confirmation_key, GroupContext.confirmed_transcript_hash)

    /// <summary>The tag by which a commit shows that its sender reached this epoch.</summary>
    public byte[] ConfirmationTag(ReadOnlySpan<byte> confirmedTranscriptHash) => _suite.Mac(ConfirmationKey, confirmedTranscriptHash);

    /// <summary>Whether the tag is this epoch's, in constant time, length included.</summary>
    public bool VerifyConfirmationTag(ReadOnlySpan<byte> confirmedTranscriptHash, ReadOnlySpan<byte> tag)
        => _suite.VerifyMac(ConfirmationKey, confirmedTranscriptHash, tag);

    /// <summary>Deletes what a past epoch needs no more. What stays is for late application messages and resumption.</summary>
    public void Retire()
    {
        _encryptionSecret?.Dispose();
        _encryptionSecret = null;
        ExporterSecret.Dispose();
        ExternalSecret.Dispose();
        ConfirmationKey.Dispose();
        MembershipKey.Dispose();
        EpochAuthenticator.Dispose();
        InitSecret.Dispose();
    }

    public void Dispose()
    {
        Retire();
        SenderDataSecret.Dispose();
        ResumptionPsk.Dispose();
    }

    /// <summary>Every secret of a current epoch but the encryption secret, which the secret tree has taken.</summary>
    /// <exception cref="InvalidOperationException">The encryption secret is still here: it would be lost.</exception>
    public void WriteTo(ref TlsWriter writer)
    {
        if (_encryptionSecret is not null)
            throw new InvalidOperationException("the encryption secret has not been handed to a secret tree");
        foreach (Secret secret in All)
            writer.WriteFixed(secret.Span);
    }

    // In the order of the constructor.
    private Secret[] All =>
        [SenderDataSecret, ExporterSecret, ExternalSecret, ConfirmationKey, MembershipKey, ResumptionPsk, EpochAuthenticator, InitSecret];

    private const int Count = 8;
}
