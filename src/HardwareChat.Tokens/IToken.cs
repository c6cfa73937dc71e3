using System.Security.Cryptography.X509Certificates;
using HardwareChat.Attestation;
using HardwareChat.Tokens.Piv;

namespace HardwareChat.Tokens;

/// <summary>The token face: one open token, as the rest of the product sees it, whatever driver stands behind.</summary>
/// <remarks>
/// <para>No call blocks its caller: each token has a thread of its own that takes one operation after the other. An operation that
/// is cancelled before its turn never begins; one that has begun runs to the end of its work on the card, and only then is its task cancelled, since
/// breaking off an APDU would leave the card in a state that nobody knows.</para>
/// <para>Failures are <see cref="PivException"/> (the card said no), <see cref="CardChannelException"/> (the card cannot be reached) or
/// <see cref="TouchTimedOutException"/>. PINs, management keys and their <see cref="Administration"/> stay the caller's, who disposes them
/// after the task has ended. Where a PIN is optional, <see langword="null"/> means "as verified before"; if the card does not agree,
/// <see cref="PinRequiredException"/> says why.</para>
/// </remarks>
public interface IToken : IAsyncDisposable
{
    /// <summary>What the token is.</summary>
    TokenInfo Info { get; }

    /// <summary>A touch is wanted, was given, or did not come. Raised on the token's own thread: handlers return at once.</summary>
    event EventHandler<TouchEventArgs>? TouchChanged;

    /// <summary>Another program has the card, and the operation waits for it; or does not any more. Raised on the token's own thread: handlers return at once.</summary>
    event EventHandler<CardBusyEventArgs>? BusyChanged;

    /// <summary>What the card says of its PIN. Costs no try.</summary>
    Task<PinState> GetPinStateAsync(CancellationToken cancellationToken = default);

    /// <summary>What the card says of its PUK. Costs no try.</summary>
    Task<PukState> GetPukStateAsync(CancellationToken cancellationToken = default) => Task.FromResult(PukState.Unknown);

    /// <summary>Gives the PIN, for the session.</summary>
    /// <exception cref="PinIncorrectException">Wrong; says how many tries are left.</exception>
    /// <exception cref="PinBlockedException">No try is left.</exception>
    Task VerifyPinAsync(Pin pin, CancellationToken cancellationToken = default);

    /// <summary>Changes the PIN.</summary>
    Task ChangePinAsync(Pin current, Pin replacement, CancellationToken cancellationToken = default);

    /// <summary>Changes the PUK.</summary>
    Task ChangePukAsync(Pin current, Pin replacement, CancellationToken cancellationToken = default);

    /// <summary>Sets a new PIN by the PUK, and its tries back to their full number.</summary>
    Task UnblockPinAsync(Pin puk, Pin replacement, CancellationToken cancellationToken = default);

    /// <summary>Sets how many tries PIN and PUK have. The card sets both back to the factory's values: change them afterwards.</summary>
    Task SetRetriesAsync(int pinTries, int pukTries, Pin pin, Administration administration, CancellationToken cancellationToken = default);

    /// <summary>What the card says of its management key.</summary>
    Task<ManagementKeyMetadata> GetManagementKeyMetadataAsync(CancellationToken cancellationToken = default);

    /// <summary>Sets a management key that the person keeps.</summary>
    Task ChangeManagementKeyAsync(ManagementKey replacement, Administration administration, CancellationToken cancellationToken = default);

    /// <summary>Sets a random management key and stores it in the card behind the PIN, so that nobody need keep one.</summary>
    Task ProtectManagementKeyAsync(Pin pin, Administration administration, CancellationToken cancellationToken = default);

    /// <summary>What is in a slot; <see langword="null"/> if it is empty. Where the card has no metadata, what an attestation tells of it.</summary>
    /// <exception cref="FirmwareTooOldException">The card cannot tell.</exception>
    Task<SlotMetadata?> GetMetadataAsync(PivSlot slot, CancellationToken cancellationToken = default);

    /// <summary>Makes a new key in the slot. The old one, if any, is gone; the policies cannot be changed later.</summary>
    Task<PivPublicKey> GenerateAsync(
        PivSlot slot, PivAlgorithm algorithm, PinPolicy pinPolicy, TouchPolicy touchPolicy, Administration administration, CancellationToken cancellationToken = default);

    /// <summary>Signs: ECDSA over SHA-256 (P-256) or SHA-384 (P-384) of the message, or Ed25519 over the message whole.</summary>
    /// <param name="slot">Whose key signs.</param>
    /// <param name="algorithm">The key's algorithm, as the caller knows it from the registry or the metadata.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="pin">Verified in the same transaction, or <see langword="null"/> as said above.</param>
    /// <param name="cancellationToken">See the remarks.</param>
    /// <returns>r || s of fixed width with s in the lower half (<see cref="EcdsaSignature"/>), or the 64 bytes of Ed25519.</returns>
    Task<byte[]> SignAsync(PivSlot slot, PivAlgorithm algorithm, ReadOnlyMemory<byte> message, Pin? pin, CancellationToken cancellationToken = default);

    /// <summary>Diffie-Hellman with the key in the slot. The caller disposes the secret: the x coordinate, or the X25519 output.</summary>
    Task<TokenSecret> AgreeAsync(PivSlot slot, PivPublicKey peer, Pin? pin, CancellationToken cancellationToken = default);

    /// <summary>The certificate in a slot's object; <see langword="null"/> if there is none. The caller disposes it.</summary>
    Task<X509Certificate2?> GetCertificateAsync(PivSlot slot, CancellationToken cancellationToken = default);

    /// <summary>Stores a certificate in a slot's object.</summary>
    Task PutCertificateAsync(PivSlot slot, X509Certificate2 certificate, Administration administration, CancellationToken cancellationToken = default);

    /// <summary>Makes a certificate for the key in the slot, signed by that key, and stores it, so that other software sees a sane slot.</summary>
    /// <param name="slot">A slot with a P-256 or P-384 key.</param>
    /// <param name="subject">An X.500 name such as "CN=alice".</param>
    /// <param name="notBefore">Start of validity.</param>
    /// <param name="notAfter">End of validity.</param>
    /// <param name="pin">As for <see cref="SignAsync"/>.</param>
    /// <param name="administration">The right to write it.</param>
    /// <param name="cancellationToken">See the remarks.</param>
    Task<X509Certificate2> SelfSignAsync(
        PivSlot slot,
        X500DistinguishedName subject,
        DateTimeOffset notBefore,
        DateTimeOffset notAfter,
        Pin? pin,
        Administration administration,
        CancellationToken cancellationToken = default);

    /// <summary>Has the token attest the key in the slot. The caller disposes the certificate.</summary>
    /// <exception cref="PivNotFoundException">The slot is empty, or its key was imported.</exception>
    Task<X509Certificate2> AttestAsync(PivSlot slot, CancellationToken cancellationToken = default);

    /// <summary>Moves a key to another slot (firmware 5.7).</summary>
    Task MoveKeyAsync(PivSlot source, PivSlot destination, Administration administration, CancellationToken cancellationToken = default);

    /// <summary>Deletes a key (firmware 5.7).</summary>
    Task DeleteKeyAsync(PivSlot slot, Administration administration, CancellationToken cancellationToken = default);

    /// <summary>Blocks PIN and PUK and sets the PIV application back to the factory's state: every key but F9 dies.</summary>
    Task ResetAsync(CancellationToken cancellationToken = default);
}
