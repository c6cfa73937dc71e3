using System.Security.Cryptography;
using HardwareChat.Attestation;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Simulator.State;

/// <summary>The file that a simulated card lives in.</summary>
/// <remarks>
/// <code>
/// enum { plain(0), passphrase(1), (255) } Protection;
/// struct {
///   opaque magic[8] = "HWCHSIM1";                   // the last character is the version of the format
///   FirmwareVersion firmware; uint32 serial; uint8 form_factor;
///   Protection protection;
///   select (protection) {
///     case plain:      CardState state; opaque checksum[32];   // SHA-256 of all before it
///     case passphrase: SealParameters parameters; opaque closed[the rest];   // all before it is authenticated with it
///   }
/// } CardFile;
/// </code>
/// It is written beside itself, flushed to disk and renamed, so that there is always one whole file, readable by its owner
/// alone. A plain file protects the keys by those permissions and by nothing else: it is for tests.
/// </remarks>
internal sealed class CardStateFile : IDisposable
{
    private const int LargestFile = 4 << 20;
    private const byte Plain = 0;
    private const byte Sealed = 1;
    private static readonly byte[] Magic = "HWCHSIM1"u8.ToArray();

    private readonly string _path;
    private readonly StateSeal? _seal;

    private CardStateFile(string path, StateSeal? seal) => (_path, _seal) = (path, seal);

    /// <summary>Whether a pass phrase seals the file.</summary>
    public bool IsSealed => _seal is not null;

    /// <summary>A file to be, sealed if there is a pass phrase.</summary>
    public static CardStateFile Create(string path, ReadOnlySpan<byte> passphrase) =>
        new(path, passphrase.IsEmpty ? null : StateSeal.Create(passphrase));

    /// <summary>What a file tells without its pass phrase.</summary>
    /// <exception cref="SimulatedCardException">The file is missing, or is not a whole card file.</exception>
    public static SimulatedCardDescription Describe(string name, string path)
    {
        byte[] bytes = ReadAll(path);
        try
        {
            var reader = new TlsReader(bytes);
            Header header = ReadHeader(ref reader);
            return new SimulatedCardDescription(name, header.Profile, header.Serial, header.Protection == Sealed);
        }
        catch (DecodeException failure)
        {
            throw Corrupt(path, failure);
        }
    }

    /// <summary>Opens the file and reads the card in it.</summary>
    /// <exception cref="SimulatedCardException">The file is missing or corrupt, or the pass phrase is wrong or missing.</exception>
    public static (CardStateFile File, CardState State) Open(string path, ReadOnlySpan<byte> passphrase)
    {
        byte[] bytes = ReadAll(path);
        try
        {
            var reader = new TlsReader(bytes);
            Header header = ReadHeader(ref reader);
            return header.Protection == Plain
                ? (new CardStateFile(path, seal: null), ReadPlain(bytes, ref reader, header))
                : OpenSealed(path, bytes, ref reader, header, passphrase);
        }
        catch (DecodeException failure)
        {
            throw Corrupt(path, failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Writes the state, all or nothing.</summary>
    /// <exception cref="IOException">The file cannot be written; the old one is still there.</exception>
    public void Save(CardState state)
    {
        using var buffer = new TlsBuffer();
        var writer = new TlsWriter(buffer);
        WriteHeader(ref writer, state);
        if (_seal is null)
        {
            CardStateCodec.Write(ref writer, state);
            writer.WriteFixed(SHA256.HashData(buffer.WrittenSpan));
        }
        else
        {
            _seal.WriteParameters(ref writer);
            using var plaintext = new TlsBuffer();
            var inner = new TlsWriter(plaintext);
            CardStateCodec.Write(ref inner, state);
            writer.WriteFixed(_seal.Close(buffer.WrittenSpan, plaintext.WrittenSpan));
        }
        AtomicFile.Write(_path, buffer.WrittenSpan);
        state.IsDirty = false;
    }

    public void Dispose() => _seal?.Dispose();

    private static CardState ReadPlain(ReadOnlySpan<byte> bytes, ref TlsReader reader, Header header)
    {
        if (bytes.Length < SHA256.HashSizeInBytes
            || !SHA256.HashData(bytes[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
            throw reader.Malformed("the checksum does not fit the bytes");
        CardState state = CardStateCodec.Read(ref reader, header.Profile, header.Serial, header.FormFactor);
        reader.ReadFixed(SHA256.HashSizeInBytes);
        reader.ThrowIfNotEmpty();
        return state;
    }

    private static (CardStateFile File, CardState State) OpenSealed(
        string path, ReadOnlySpan<byte> bytes, ref TlsReader reader, Header header, ReadOnlySpan<byte> passphrase)
    {
        if (passphrase.IsEmpty)
            throw new SimulatedCardException(SimulatedCardFault.PassphraseMissing, $"the simulated card in {path} is sealed: it needs its pass phrase");
        StateSeal seal = StateSeal.Read(ref reader, passphrase);
        byte[]? plaintext = seal.Open(bytes[..reader.Offset], reader.Rest);
        if (plaintext is null)
        {
            seal.Dispose();
            throw new SimulatedCardException(SimulatedCardFault.PassphraseWrong, $"the pass phrase of the simulated card in {path} is wrong, or the file was changed");
        }
        try
        {
            var inner = new TlsReader(plaintext);
            CardState state = CardStateCodec.Read(ref inner, header.Profile, header.Serial, header.FormFactor);
            inner.ThrowIfNotEmpty();
            return (new CardStateFile(path, seal), state);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private void WriteHeader(ref TlsWriter writer, CardState state)
    {
        FirmwareVersion version = state.Profile.Version;
        writer.WriteFixed(Magic);
        writer.WriteFixed([version.Major, version.Minor, version.Patch]);
        writer.WriteUInt32(state.Serial);
        writer.WriteUInt8((byte)state.FormFactor);
        writer.WriteUInt8(IsSealed ? Sealed : Plain);
    }

    private static Header ReadHeader(ref TlsReader reader)
    {
        if (!reader.ReadFixed(Magic.Length).SequenceEqual(Magic))
            throw reader.Malformed("not a simulated card, or of another version of the format");
        var version = new FirmwareVersion(reader.ReadUInt8(), reader.ReadUInt8(), reader.ReadUInt8());
        FirmwareProfile profile = FirmwareProfile.All.FirstOrDefault(candidate => candidate.Version == version)
            ?? throw reader.Malformed("no profile has this firmware version");
        uint serial = reader.ReadUInt32();
        var formFactor = (FormFactor)reader.ReadUInt8();
        byte protection = reader.ReadUInt8();
        if (!Enum.IsDefined(formFactor) || protection > Sealed)
            throw reader.Malformed("no such form factor or protection");
        return new Header(profile, serial, formFactor, protection);
    }

    private static byte[] ReadAll(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Exists && file.Length > LargestFile)
                throw new SimulatedCardException(SimulatedCardFault.Corrupt, $"{path} is too large to be a simulated card");
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SimulatedCardException(SimulatedCardFault.NotFound, $"there is no simulated card at {path}", failure);
        }
    }

    private static SimulatedCardException Corrupt(string path, DecodeException failure) =>
        new(SimulatedCardFault.Corrupt, $"the file of the simulated card, {path}, is damaged: {failure.Message}", failure);

    private readonly record struct Header(FirmwareProfile Profile, uint Serial, FormFactor FormFactor, byte Protection);
}
