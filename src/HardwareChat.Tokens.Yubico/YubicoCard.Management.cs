using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Piv;
using Yubico.YubiKey.Piv;
using Yubico.YubiKey.Piv.Commands;
using Yubico.YubiKey.Piv.Objects;
using PivAlgorithm = HardwareChat.Tokens.Piv.PivAlgorithm;
using PivSlot = HardwareChat.Tokens.Piv.PivSlot;
using SdkSlot = Yubico.YubiKey.Piv.PivSlot;

namespace HardwareChat.Tokens.Yubico;

// Management key 9B, and how it is kept: as ykman and the SDK's PIN-only modes keep it.
internal sealed partial class YubicoCard
{
    private const int DerivationPasses = 10_000;

    public ManagementKeyMetadata GetManagementKeyMetadata()
        => Use(() =>
        {
            ManagementKeyMetadata metadata = ReadManagementMetadata();
            using AdminData admin = ReadObject<AdminData>("the record of how its management key is kept");
            return metadata with { IsStored = admin.PinProtected || admin.Salt is not null };
        });

    public void ChangeManagementKey(ManagementKey replacement, Administration administration)
        => Use(() =>
        {
            if (replacement.Algorithm != PivAlgorithm.TripleDes)
                Require($"A management key of {replacement.Algorithm}", 5, 4);
            Authenticate(administration);
            SetManagementKey(replacement);
            using AdminData admin = ReadObject<AdminData>("the record of how its management key is kept");
            if (admin.PinProtected || admin.Salt is not null)
                WriteAdminData(admin, stored: false);
        });

    public void ProtectManagementKey(Pin pin, Administration administration)
        => Use(() =>
        {
            Verify(pin);
            Authenticate(administration);
            PivAlgorithm algorithm = ReadManagementMetadata().Algorithm;
            byte[] random = GC.AllocateUninitializedArray<byte>(ManagementKey.SizeOf(algorithm), pinned: true);
            byte[] content = [];
            try
            {
                RandomNumberGenerator.Fill(random);
                using var key = new ManagementKey(algorithm, random);
                using var kept = new PinProtectedData();
                kept.SetManagementKey(random);
                content = kept.Encode();

                // The copy first, then the key: cut off between the two, the old key still opens the card.
                WriteObject(kept.GetDefinedDataTag(), content);
                SetManagementKey(key);
                using AdminData admin = ReadObject<AdminData>("the record of how its management key is kept");
                WriteAdminData(admin, stored: true);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(random);
                CryptographicOperations.ZeroMemory(content);
            }
        });

    /// <summary>Blocks PIN and PUK and sets the application back to the factory's state: every key but F9 dies.</summary>
    public void Reset()
        => Use(() =>
        {
            try
            {
                Session.ResetApplication();
            }
            catch (System.Security.SecurityException)
            {
                // The SDK does not hand the card's answer on.
                throw Refused("to reset the PIV application", StatusWord.ConditionsOfUseNotSatisfied);
            }

            _pinGiven = _pinVerified = _pinFresh = false;
        });

    private void Authenticate(Administration administration)
    {
        ManagementKeyMetadata metadata = ReadManagementMetadata();
        if (administration.Key is { } given)
        {
            Authenticate(given, metadata);
            return;
        }

        if (administration.Pin is null && ManagementKey.SizeOf(metadata.Algorithm) != 24)
            throw new ManagementKeyIncorrectException(PivAlgorithm.TripleDes, metadata.Algorithm, StatusWord.SecurityStatusNotSatisfied);
        using ManagementKey key = administration.Pin is { } pin ? OpenStoredKey(pin, metadata.Algorithm) : ManagementKey.FactoryDefault(metadata.Algorithm);
        Authenticate(key, metadata);
    }

    // Mutual: the SDK has the card prove the key, too.
    private void Authenticate(ManagementKey key, ManagementKeyMetadata metadata)
    {
        var first = Send(new InitializeAuthenticateManagementKeyCommand(mutualAuthentication: true, ToSdk(key.Algorithm)));
        if (!StatusOf(first).IsSuccess)
            throw WrongManagementKey(key, metadata, StatusOf(first));
        var answer = SdkFault.Read("a witness", () => new CompleteAuthenticateManagementKeyCommand(first, key.Span));
        using TouchPrompt.Wait touch = _touch.Begin(PivSlot.Management, metadata.TouchPolicy);
        CompleteAuthenticateManagementKeyResponse second = Send(answer);
        StatusWord status = StatusOf(second);
        if (!status.IsSuccess)
        {
            // A wrong key is refused at once, a touch that does not come after a while; the card says the same to both.
            if (metadata.TouchPolicy is TouchPolicy.Always or TouchPolicy.Cached && touch.Elapsed > TouchEventArgs.Patience / 2)
            {
                touch.TimedOut();
                throw new TouchTimedOutException(PivSlot.Management);
            }

            throw WrongManagementKey(key, metadata, status);
        }

        touch.Touched();
        if (SdkFault.Read("proof", second.GetData) != AuthenticateManagementKeyResult.MutualFullyAuthenticated)
            throw new ManagementKeyUnprovenException(status);
    }

    private ManagementKeyIncorrectException WrongManagementKey(ManagementKey key, ManagementKeyMetadata metadata, StatusWord status)
        => new(key.Algorithm, Has(5, 3) ? metadata.Algorithm : null, status);

    private ManagementKeyMetadata ReadManagementMetadata()
    {
        if (!Has(5, 3))
            return new ManagementKeyMetadata(PivAlgorithm.TripleDes, TouchPolicy.Default, null, IsStored: false);
        GetMetadataResponse response = Send(new GetMetadataCommand(SdkSlot.Management));
        ThrowUnlessSuccess("to describe its management key", response);
        PivMetadata metadata = SdkFault.Read("metadata of the management key", response.GetData);
        var algorithm = (PivAlgorithm)metadata.Algorithm;
        if (algorithm is not (PivAlgorithm.TripleDes or PivAlgorithm.Aes128 or PivAlgorithm.Aes192 or PivAlgorithm.Aes256))
            throw new MalformedAnswerException("metadata of the management key with an unknown algorithm");
        return new ManagementKeyMetadata(algorithm, FromSdk(metadata.TouchPolicy), metadata.KeyStatus == PivKeyStatus.Default, IsStored: false);
    }

    private void SetManagementKey(ManagementKey key)
    {
        using var copy = new SecretCopy(key.Span);
        ThrowUnlessSuccess("the new management key", Send(new SetManagementKeyCommand(copy, PivTouchPolicy.Never, ToSdk(key.Algorithm))));
    }

    [SuppressMessage("Security", "CA5379:Ensure Key Derivation Function algorithm is sufficiently strong", Justification = "The derivation that old tokens were set up with.")]
    private ManagementKey OpenStoredKey(Pin pin, PivAlgorithm algorithm)
    {
        Verify(pin);
        using AdminData admin = ReadObject<AdminData>("the record of how its management key is kept");
        if (admin.PinProtected)
        {
            using PinProtectedData kept = ReadObject<PinProtectedData>("a stored management key");
            if (kept.ManagementKey is not { } key)
                throw new ManagementKeyNotStoredException();
            return key.Length == ManagementKey.SizeOf(algorithm)
                ? new ManagementKey(algorithm, key.Span)
                : throw new MalformedAnswerException("a stored management key of the wrong size");
        }

        if (admin.Salt is not { } salt)
            throw new ManagementKeyNotStoredException();
        Span<byte> derived = stackalloc byte[24];
        Rfc2898DeriveBytes.Pbkdf2(pin.Unpadded, salt.Span, derived, DerivationPasses, HashAlgorithmName.SHA1);
        try
        {
            return ManagementKey.SizeOf(algorithm) == derived.Length
                ? new ManagementKey(algorithm, derived)
                : throw new MalformedAnswerException("a derived management key of the wrong size");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    private void WriteAdminData(AdminData admin, bool stored)
    {
        admin.PinProtected = stored;
        admin.SetSalt(ReadOnlyMemory<byte>.Empty);
        WriteObject(admin.GetDefinedDataTag(), admin.Encode());
    }
}
