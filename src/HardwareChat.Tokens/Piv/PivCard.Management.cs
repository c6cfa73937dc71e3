using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Piv;

// Management key 9B. Stored keys are kept as ykman keeps them: 5FFF00 (80 { 81 flags, 82 salt }) says how, and the PIN-protected printed
// information 5FC109 (88 { 89 key }) holds the key; a salt alone means the old way, a key derived from the PIN.
public sealed partial class PivCard
{
    private const int AdminObject = 0x5FFF00;
    private const int PrintedObject = 0x5FC109;
    private const byte StoredFlag = 0x02;
    private const int DerivationPasses = 10_000;

    /// <summary>What the card says of its management key.</summary>
    public ManagementKeyMetadata GetManagementKeyMetadata() => Repeatable(() =>
    {
        (bool stored, byte[]? salt) = ReadAdminObject();
        return ReadManagementMetadata() with { IsStored = stored || salt is not null };
    });

    // Whether it is stored is not said here: that is in an object.
    private ManagementKeyMetadata ReadManagementMetadata()
    {
        if (!Has(5, 3))
            return new ManagementKeyMetadata(PivAlgorithm.TripleDes, TouchPolicy.Default, null, IsStored: false);
        ResponseApdu response = _exchange.Send(PivInstructions.GetMetadata, 0, PivInstructions.ManagementKeyReference);
        if (!response.Status.IsSuccess)
            throw Refused("to describe its management key", response.Status);
        var algorithm = PivAlgorithm.TripleDes;
        var touch = TouchPolicy.Default;
        bool? isDefault = null;
        try
        {
            var reader = new BerTlvReader(response.Data);
            while (!reader.IsEmpty)
            {
                ReadOnlySpan<byte> value = reader.Read(out int tag);
                if (tag == 0x01 && value.Length == 1)
                    algorithm = (PivAlgorithm)value[0];
                else if (tag == 0x02 && value.Length == 2)
                    touch = PolicyOf(value).Touch;
                else if (tag == 0x05 && value.Length == 1)
                    isDefault = value[0] != 0;
            }
        }
        catch (DecodeException error)
        {
            throw new MalformedAnswerException("metadata of the management key", error);
        }

        if (algorithm is not (PivAlgorithm.TripleDes or PivAlgorithm.Aes128 or PivAlgorithm.Aes192 or PivAlgorithm.Aes256))
            throw new MalformedAnswerException("metadata of the management key with an unknown algorithm");
        return new ManagementKeyMetadata(algorithm, touch, isDefault, IsStored: false);
    }

    /// <summary>Opens the card's administration, for the session. Card and host prove the key to each other.</summary>
    /// <exception cref="ManagementKeyIncorrectException">The key is wrong.</exception>
    /// <exception cref="ManagementKeyUnprovenException">The card took the key, and could not prove that it has it.</exception>
    /// <exception cref="TouchTimedOutException">The management key wants a touch, and none came.</exception>
    public void Authenticate(ManagementKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        using IDisposable transaction = BeginTransaction();
        TouchPolicy policy = _touch.IsHeard ? ReadManagementMetadata().TouchPolicy : TouchPolicy.Default;

        // SP 800-73-4 Part 2, appendix A.1, mutual authentication: the card gives an encrypted witness; the host returns it in the
        // clear with a challenge; the card returns the challenge encrypted. Each has then shown the key, and neither has sent it.
        byte algorithm = (byte)key.Algorithm;
        int size = ManagementCipher.BlockSize(key.Algorithm);
        ResponseApdu first = GeneralAuthenticate(algorithm, PivInstructions.ManagementKeyReference, [0x7C, 0x02, 0x80, 0x00]);
        if (!first.Status.IsSuccess)
            throw WrongManagementKey(key, first.Status);
        byte[] witness = Answer(first.Data, 0x80, "witness").ToArray();
        if (witness.Length != size)
            throw new MalformedAnswerException("a witness of the wrong size");

        byte[] challenge = RandomNumberGenerator.GetBytes(size);
        byte[] proof = ManagementCipher.Decrypt(key, witness);
        byte[] request = new BerTlvWriter().Write(0x7C, inside => inside.Write(0x80, proof).Write(0x81, challenge)).ToArray();
        using TouchPrompt.Wait touch = _touch.Begin(PivSlot.Management, policy);
        ResponseApdu second = GeneralAuthenticate(algorithm, PivInstructions.ManagementKeyReference, request);
        if (!second.Status.IsSuccess)
        {
            // A wrong key is refused at once, a touch that does not come after a while; the card says the same to both.
            if (policy is TouchPolicy.Always or TouchPolicy.Cached && touch.Elapsed > TouchEventArgs.Patience / 2)
            {
                touch.TimedOut();
                throw new TouchTimedOutException(PivSlot.Management);
            }

            throw WrongManagementKey(key, second.Status);
        }

        touch.Touched();
        if (!CryptographicOperations.FixedTimeEquals(Answer(second.Data, 0x82, "proof"), ManagementCipher.Encrypt(key, challenge)))
            throw new ManagementKeyUnprovenException(second.Status);
    }

    /// <summary>Opens the card's administration with whichever right is given.</summary>
    public void Authenticate(Administration administration)
    {
        ArgumentNullException.ThrowIfNull(administration);
        using IDisposable transaction = BeginTransaction();
        if (administration.Key is { } given)
        {
            Authenticate(given);
            return;
        }

        PivAlgorithm algorithm = ReadManagementMetadata().Algorithm;
        using ManagementKey key = administration.Pin is { } pin ? OpenStoredKey(pin, algorithm) : ManagementKey.FactoryDefault(FactoryAlgorithm(algorithm));
        Authenticate(key);
    }

    /// <summary>Sets a management key that the person keeps; a stored one is forgotten.</summary>
    public void ChangeManagementKey(ManagementKey replacement, Administration administration)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        using IDisposable transaction = BeginTransaction();
        RequireManagementAlgorithm(replacement.Algorithm);
        Authenticate(administration);
        SetManagementKey(replacement);
        (bool stored, byte[]? salt) = ReadAdminObject();
        if (stored || salt is not null)
            WriteAdminObject(stored: false);
    }

    /// <summary>Sets a random management key, of the card's own algorithm, and stores it in the card behind the PIN.</summary>
    public void ProtectManagementKey(Pin pin, Administration administration)
    {
        using IDisposable transaction = BeginTransaction();
        VerifyPin(pin);
        Authenticate(administration);
        PivAlgorithm algorithm = ReadManagementMetadata().Algorithm;
        byte[] random = GC.AllocateUninitializedArray<byte>(ManagementKey.SizeOf(algorithm), pinned: true);
        byte[] content = GC.AllocateUninitializedArray<byte>(random.Length + 4, pinned: true);
        try
        {
            RandomNumberGenerator.Fill(random);
            using var key = new ManagementKey(algorithm, random);
            content[0] = 0x88;
            content[1] = (byte)(random.Length + 2);
            content[2] = 0x89;
            content[3] = (byte)random.Length;
            random.CopyTo(content, 4);

            // The copy first, then the key: cut off between the two, the old key still opens the card.
            PutObjectAuthenticated(PrintedObject, content);
            SetManagementKey(key);
            WriteAdminObject(stored: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(random);
            CryptographicOperations.ZeroMemory(content);
            _exchange.Forget();
        }
    }

    private static PivAlgorithm FactoryAlgorithm(PivAlgorithm algorithm)
        => ManagementKey.SizeOf(algorithm) == 24 ? algorithm : throw new ManagementKeyIncorrectException(PivAlgorithm.TripleDes, algorithm, StatusWord.SecurityStatusNotSatisfied);

    private void RequireManagementAlgorithm(PivAlgorithm algorithm)
    {
        if (algorithm != PivAlgorithm.TripleDes)
            Require($"A management key of {algorithm}", 5, 4);
    }

    private ManagementKeyIncorrectException WrongManagementKey(ManagementKey key, StatusWord status)
        => new(key.Algorithm, Has(5, 3) ? ReadManagementMetadata().Algorithm : null, status);

    internal void SetManagementKey(ManagementKey key)
    {
        Span<byte> request = stackalloc byte[3 + 32];
        request[0] = (byte)key.Algorithm;
        request[1] = PivInstructions.ManagementKeyReference;
        request[2] = (byte)key.Span.Length;
        key.Span.CopyTo(request[3..]);
        StatusWord status;
        try
        {
            status = _exchange.Send(PivInstructions.SetManagementKey, 0xFF, 0xFF, request[..(3 + key.Span.Length)], expectsData: false).Status;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(request);
            _exchange.Forget();
        }

        if (!status.IsSuccess)
            throw Refused("the new management key", status);
    }

    [SuppressMessage("Security", "CA5379:Ensure Key Derivation Function algorithm is sufficiently strong", Justification = "The derivation that old tokens were set up with.")]
    private ManagementKey OpenStoredKey(Pin pin, PivAlgorithm algorithm)
    {
        VerifyPin(pin);
        (bool stored, byte[]? salt) = ReadAdminObject();
        Span<byte> derived = stackalloc byte[24];
        try
        {
            if (stored)
            {
                ReadOnlySpan<byte> content = FetchObject(PrintedObject);
                if (content.IsEmpty)
                    throw new ManagementKeyNotStoredException();
                ReadOnlySpan<byte> key = new BerTlvReader(content).ReadNested(0x88).ReadValue(0x89);
                return key.Length == ManagementKey.SizeOf(algorithm)
                    ? new ManagementKey(algorithm, key)
                    : throw new MalformedAnswerException("a stored management key of the wrong size");
            }

            if (salt is null)
                throw new ManagementKeyNotStoredException();
            if (ManagementKey.SizeOf(algorithm) != derived.Length)
                throw new MalformedAnswerException("a management key derived from the PIN, but of another size");
            Rfc2898DeriveBytes.Pbkdf2(pin.Unpadded, salt, derived, DerivationPasses, HashAlgorithmName.SHA1);
            return new ManagementKey(algorithm, derived);
        }
        catch (DecodeException error)
        {
            throw new MalformedAnswerException("a stored management key", error);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
            _exchange.Forget();
        }
    }

    private (bool Stored, byte[]? Salt) ReadAdminObject()
    {
        AdminRecord record = FetchAdminRecord();
        return ((record.Flags & StoredFlag) != 0, record.Salt);
    }

    // The flags and the time of the last PIN change (83) are ykman's to keep: only "stored" and the salt are ours to alter.
    private void WriteAdminObject(bool stored)
    {
        AdminRecord before = FetchAdminRecord();
        byte flags = (byte)(stored ? before.Flags | StoredFlag : before.Flags & ~StoredFlag & 0xFF);
        PutObjectAuthenticated(AdminObject, BerTlvWriter.Encode(0x80, [.. BerTlvWriter.Encode(0x81, [flags]), .. before.Rest]));
    }

    private AdminRecord FetchAdminRecord()
    {
        ReadOnlySpan<byte> content = FetchObject(AdminObject);
        byte flags = 0;
        byte[]? salt = null;
        var rest = new BerTlvWriter();
        if (content.IsEmpty)
            return new AdminRecord(flags, salt, []);
        try
        {
            BerTlvReader reader = new BerTlvReader(content).ReadNested(0x80);
            while (!reader.IsEmpty)
            {
                ReadOnlySpan<byte> value = reader.Read(out int tag);
                if (tag == 0x81 && value.Length == 1)
                    flags = value[0];
                else if (tag == 0x82 && !value.IsEmpty)
                    salt = value.ToArray();
                else if (tag is > 0xFF or 0)
                    throw new DecodeException("an object that ykman does not write", reader.Offset);
                else if (tag != 0x82)
                    rest.Write(tag, value);
            }
        }
        catch (DecodeException error)
        {
            throw new MalformedAnswerException("the record of how its management key is kept", error);
        }

        return new AdminRecord(flags, salt, rest.ToArray());
    }

    private readonly record struct AdminRecord(byte Flags, byte[]? Salt, byte[] Rest);
}
