namespace HardwareChat.Mls;

// RFC 9180 §4
//
//   def LabeledExtract(salt, label, ikm):
//     labeled_ikm = concat("HPKE-v1", suite_id, label, ikm)
//     return Extract(salt, labeled_ikm)
//
//   def LabeledExpand(prk, label, info, L):
//     labeled_info = concat(I2OSP(L, 2), "HPKE-v1", suite_id, label, info)
//     return Expand(prk, labeled_info, L)

/// <summary>HKDF under HPKE's labels, for one suite_id: a KEM's or the whole suite's.</summary>
internal sealed class LabeledKdf(Kdf kdf, byte[] suiteId)
{
    private const int StackSize = 256;

    public int HashLength => kdf.HashLength;

    public void Extract(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> label, ReadOnlySpan<byte> ikm, Span<byte> prk)
    {
        var labeledIkm = new ScratchBytes(stackalloc byte[StackSize]);
        labeledIkm.Append("HPKE-v1"u8);
        labeledIkm.Append(suiteId);
        labeledIkm.Append(label);
        labeledIkm.Append(ikm);
        kdf.Extract(salt, labeledIkm.Written, prk);
        labeledIkm.Dispose();
    }

    public void Expand(ReadOnlySpan<byte> prk, ReadOnlySpan<byte> label, ReadOnlySpan<byte> info, Span<byte> output)
    {
        var labeledInfo = new ScratchBytes(stackalloc byte[StackSize]);
        labeledInfo.AppendUInt16((ushort)output.Length);
        labeledInfo.Append("HPKE-v1"u8);
        labeledInfo.Append(suiteId);
        labeledInfo.Append(label);
        labeledInfo.Append(info);
        kdf.Expand(prk, labeledInfo.Written, output);
        labeledInfo.Dispose();
    }
}
