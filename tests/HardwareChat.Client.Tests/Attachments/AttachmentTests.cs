using System.Security.Cryptography;
using CsCheck;
using HardwareChat.Client.Attachments;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests.Attachments;

/// <summary>What measures the heap of the process runs while nothing else does.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;

[Collection(nameof(MeasuredAlone))]
public sealed class AttachmentTests : IDisposable
{
    private const int Chunk = SealedFile.SealedChunkSize;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hwchat");

    private string Part => Path.Combine(_folder.FullName, "part");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(300_000)]
    public async Task A_file_comes_out_as_it_went_in_and_the_blob_has_its_class(int size)
    {
        byte[] file = RandomNumberGenerator.GetBytes(size);
        (AttachmentManifest manifest, byte[] blob) = await Seal(file);
        Assert.Equal(manifest.SealedSize, blob.Length);
        Assert.Equal(SizeClass.Of(size), blob.Length - ((blob.Length + Chunk - 1) / Chunk * SealedFile.TagSize));
        string path = await Fetch(manifest, blob);
        Assert.Equal(file, File.ReadAllBytes(path));
        Assert.False(File.Exists(Part));
    }

    [Fact]
    public async Task A_file_takes_no_others_place()
    {
        (AttachmentManifest manifest, byte[] blob) = await Seal([1, 2, 3]);
        string[] names = [.. new[] { await Fetch(manifest, blob), await Fetch(manifest, blob), await Fetch(manifest, blob) }.Select(path => Path.GetFileName(path)!)];
        Assert.Equal(["passwd", "passwd (2)", "passwd (3)"], names);
    }

    public static TheoryData<string> Tamperings =>
        ["flip", "cut the last chunk", "cut a byte", "swap two chunks", "double a chunk", "leave a chunk out", "last chunk of another file", "another key", "another size", "another hash"];

    [Theory]
    [MemberData(nameof(Tamperings))]
    public async Task A_blob_that_is_not_the_promised_one_is_refused(string how)
    {
        byte[] file = RandomNumberGenerator.GetBytes(4 * SealedFile.ChunkSize);
        (AttachmentManifest manifest, byte[] blob) = await Seal(file);
        (AttachmentManifest other, byte[] otherBlob) = await Seal(file);
        byte[] Range(int from, int to) => blob[(from * Chunk)..(to * Chunk)];
        Assert.Equal(4 * Chunk, blob.Length);
        (AttachmentManifest Manifest, byte[] Blob) tampered = how switch
        {
            "flip" => (manifest, [.. blob[..100_000], (byte)(blob[100_000] ^ 1), .. blob[100_001..]]),
            "cut the last chunk" => (manifest, Range(0, 3)),
            "cut a byte" => (manifest, blob[..^1]),
            "swap two chunks" => (manifest, [.. Range(0, 1), .. Range(2, 3), .. Range(1, 2), .. Range(3, 4)]),
            "double a chunk" => (manifest, [.. Range(0, 2), .. Range(1, 2), .. Range(3, 4)]),
            "leave a chunk out" => (manifest, [.. Range(0, 2), .. Range(3, 4)]),
            "last chunk of another file" => (manifest, [.. Range(0, 3), .. otherBlob[(3 * Chunk)..]]),
            "another key" => (manifest with { Key = other.Key }, blob),
            "another size" => (manifest with { Size = manifest.Size - SealedFile.ChunkSize }, blob),
            _ => (manifest with { Hash = other.Hash }, blob),
        };
        AttachmentException refusal = await Assert.ThrowsAsync<AttachmentException>(() => Fetch(tampered.Manifest, tampered.Blob));
        Assert.Equal(how is "cut the last chunk" or "cut a byte" or "leave a chunk out" && refusal.Fault != AttachmentFault.Tampered
            ? AttachmentFault.Truncated : AttachmentFault.Tampered, refusal.Fault);
        Assert.DoesNotContain(_folder.GetFiles(), left => left.Name == "passwd");
    }

    // The sealed stream of a shorter file is no prefix of a longer one: the last chunk is marked.
    [Fact]
    public void The_last_chunk_is_the_last_one_of_no_longer_file()
    {
        byte[] key = RandomNumberGenerator.GetBytes(SealedFile.KeySize);
        byte[] prefix = new byte[SealedFile.NoncePrefixSize];
        using var one = new SealedFile(key, prefix, SealedFile.ChunkSize);
        using var two = new SealedFile(key, prefix, 2 * SealedFile.ChunkSize);
        byte[] chunk = new byte[Chunk];
        one.Seal(0, new byte[SealedFile.ChunkSize], chunk);
        Assert.Throws<AttachmentException>(() => two.Open(0, chunk, new byte[SealedFile.ChunkSize]));
    }

    [Fact]
    public void Upload_goes_on_where_it_stopped_and_the_relay_holds_the_same_bytes()
        => Gen.Select(Gen.Int[0, 3_000_000], Gen.Int[1, 4], Gen.Int[0, 1_200_000]).Sample(
            (size, breakAfter, arrive) =>
            {
                byte[] sealedFile = RandomNumberGenerator.GetBytes(size);
                using var blob = new MemoryStream();
                var transfer = new MemoryTransfer(blob) { BreakAfter = breakAfter, ArriveInBreak = arrive };
                int attempts = 0;
                for (bool done = false; !done; attempts++)
                {
                    try
                    {
                        AttachmentUpload.SendAsync(new MemoryStream(sealedFile), transfer).GetAwaiter().GetResult();
                        done = true;
                    }
                    catch (IOException)
                    {
                        Assert.Equal(0, attempts);
                    }
                }
                Assert.Equal(sealedFile, blob.ToArray());
                Assert.True(transfer.Sent <= size + (17 * Chunk));
            },
            iter: 30,
            threads: 1);

    [Fact]
    public async Task Download_goes_on_where_it_stopped()
    {
        byte[] file = RandomNumberGenerator.GetBytes(1_000_000);
        (AttachmentManifest manifest, byte[] blob) = await Seal(file);
        var transfer = new MemoryTransfer(new MemoryStream(blob));
        for (int breaks = 0; breaks < 3; breaks++)
        {
            transfer.BreakAfter = 9;
            await Assert.ThrowsAsync<IOException>(() => AttachmentDownload.FetchAsync(manifest, transfer, Part, _folder.FullName, cancellation: TestContext.Current.CancellationToken));
            Assert.True(File.Exists(Part));
        }
        transfer.BreakAfter = int.MaxValue;
        string path = await AttachmentDownload.FetchAsync(manifest, transfer, Part, _folder.FullName, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(file, File.ReadAllBytes(path));
        Assert.InRange(transfer.Fetched, blob.Length, blob.Length + (3 * Chunk));
    }

    [Fact]
    public async Task A_part_file_that_was_changed_meanwhile_is_fetched_anew()
    {
        byte[] file = RandomNumberGenerator.GetBytes(200_000);
        (AttachmentManifest manifest, byte[] blob) = await Seal(file);
        File.WriteAllBytes(Part, new byte[150_000]);
        Assert.Equal(file, File.ReadAllBytes(await Fetch(manifest, blob)));
    }

    [Fact]
    public async Task A_source_that_shrinks_or_grows_is_refused()
    {
        foreach (int actual in (int[])[99_999, 100_001])
        {
            using var source = new LyingStream(new byte[actual], 100_000);
            AttachmentException refusal = await Assert.ThrowsAsync<AttachmentException>(
                () => AttachmentSealer.SealAsync(source, new MemoryStream(), cancellation: TestContext.Current.CancellationToken));
            Assert.Equal(AttachmentFault.SourceChanged, refusal.Fault);
        }
        using var large = new LyingStream([], (long)AttachmentManifest.FileBytes + 1);
        Assert.Equal(
            AttachmentFault.TooLarge,
            (await Assert.ThrowsAsync<AttachmentException>(() => AttachmentSealer.SealAsync(large, new MemoryStream(), cancellation: TestContext.Current.CancellationToken))).Fault);
    }

    // Nothing that grows with the file: what is allocated for 96 MiB is what is allocated for 3, but for a few tasks and buffers.
    [Fact]
    public async Task Memory_does_not_grow_with_the_file()
    {
        long small = await PeakOf(3);
        long large = await PeakOf(96);
        Assert.True(large < small + (16L << 20), $"{small} bytes for 3 MiB, {large} bytes for 96 MiB");
    }

    private async Task<long> PeakOf(int mebibytes)
    {
        string source = Path.Combine(_folder.FullName, $"source{mebibytes}");
        using (FileStream made = File.Create(source))
            made.SetLength((long)mebibytes << 20);
        using FileStream spool = new(source + ".spool", FileMode.Create, FileAccess.ReadWrite);
        using FileStream blob = new(source + ".blob", FileMode.Create, FileAccess.ReadWrite);
        GC.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var peak = new PeakMemory(before);
        using FileStream plain = File.OpenRead(source);
        using SealedAttachment attachment = await AttachmentSealer.SealAsync(plain, spool, peak, TestContext.Current.CancellationToken);
        var transfer = new MemoryTransfer(blob);
        await AttachmentUpload.SendAsync(spool, transfer, peak, TestContext.Current.CancellationToken);
        string path = await AttachmentDownload.FetchAsync(
            attachment.ToManifest(default, "big", "x/y"), transfer, Part, _folder.FullName, peak, TestContext.Current.CancellationToken);
        Assert.Equal((long)mebibytes << 20, new FileInfo(path).Length);
        return peak.Bytes;
    }

    private static async Task<(AttachmentManifest Manifest, byte[] Blob)> Seal(byte[] file)
    {
        using var spool = new MemoryStream();
        using SealedAttachment attachment = await AttachmentSealer.SealAsync(new MemoryStream(file), spool, cancellation: TestContext.Current.CancellationToken);
        return (attachment.ToManifest(Digest.Of("blob"u8), "../../etc/passwd", "text/plain"), spool.ToArray());
    }

    private Task<string> Fetch(AttachmentManifest manifest, byte[] blob)
        => AttachmentDownload.FetchAsync(manifest, new MemoryTransfer(new MemoryStream(blob)), Part, _folder.FullName, cancellation: TestContext.Current.CancellationToken);

    private sealed class LyingStream(byte[] bytes, long length) : MemoryStream(bytes)
    {
        public override long Length => length;
    }

    private sealed class PeakMemory(long before) : IProgress<long>
    {
        public long Bytes { get; private set; }

        public void Report(long value) => Bytes = Math.Max(Bytes, GC.GetTotalMemory(forceFullCollection: false) - before);
    }
}
