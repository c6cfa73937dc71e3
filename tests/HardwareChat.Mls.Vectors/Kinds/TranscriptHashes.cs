using System.Text.Json;
using HardwareChat.Wire;

namespace HardwareChat.Mls.Vectors.Kinds;

internal sealed class TranscriptHashes : VectorKind
{
    public override string Name => "transcript-hashes";

    protected override string[] Members => ["confirmation_key", "authenticated_content", "interim_transcript_hash_before"];

    public override void Run(JsonElement test)
    {
        CipherSuite suite = test.Suite();
        AuthenticatedContent content = AuthenticatedContent.Decode(test.Hex("authenticated_content"));
        Check.Bytes(test.Hex("authenticated_content"), TlsWriter.Encode(content), "authenticated_content, encoded again");
        Check.True(content.Content.Commit is not null, "the content is a commit");
        Check.True(content.Auth.ConfirmationTag is not null, "it has a confirmation tag");

        // RFC 9420 §8.2: ConfirmedTranscriptHashInput is the AuthenticatedContent without its confirmation tag.
        using var input = new TlsBuffer();
        var writer = new TlsWriter(input);
        content.WireFormat.WriteTo(ref writer);
        content.Content.WriteTo(ref writer);
        writer.WriteOpaque(content.Auth.Signature);
        byte[] confirmed = TranscriptHash.Confirmed(suite, test.Hex("interim_transcript_hash_before"), input.WrittenSpan);
        Check.Bytes(test.Hex("confirmed_transcript_hash_after"), confirmed, "confirmed_transcript_hash_after");
        using Secret confirmationKey = test.Secret("confirmation_key");
        Check.True(suite.VerifyMac(confirmationKey, confirmed, content.Auth.ConfirmationTag), "the confirmation tag is the MAC of the confirmed transcript hash");
        byte[] interim = TranscriptHash.Interim(suite, confirmed, content.Auth.ConfirmationTag);
        Check.Bytes(test.Hex("interim_transcript_hash_after"), interim, "interim_transcript_hash_after");
    }
}
