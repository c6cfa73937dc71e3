using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using NSec.Cryptography;

namespace HardwareChat.Client;

/// <summary>The registry did not take a statement, or cannot be believed.</summary>
public sealed class CommunityException : Exception
{
    /// <summary>Not done, for this reason.</summary>
    public CommunityException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>How a person comes into a community: as its founder, or with an invite.</summary>
public static class Enrolling
{
    /// <summary>Founds the community of a relay that has none yet.</summary>
    /// <param name="setup">The link that the relay printed.</param>
    /// <param name="handle">The founder's handle.</param>
    /// <param name="papers">The founder's token's: it has keys in 9A, 9D and 9C.</param>
    /// <param name="broker">The way to it.</param>
    /// <param name="vault">Where the registry is kept.</param>
    /// <param name="policy">The first policy.</param>
    /// <param name="recoveryKey">The public half of the recovery key on paper; null for none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="CommunityException">It was not taken.</exception>
    public static async Task<CommunityPin> FoundAsync(
        InviteLink setup, Handle handle, TokenPapers papers, TokenBroker broker, Vault vault, RegistryPolicy policy, Digest? recoveryKey, TimeProvider time, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(setup);
        ArgumentNullException.ThrowIfNull(papers);
        ArgumentNullException.ThrowIfNull(vault);
        var genesis = new Statement
        {
            RegistryId = default,
            BaseSize = 0,
            BaseRoot = MerkleTree.EmptyRoot,
            SignedAt = Now(time),
            Body = new Genesis([new Founder(handle, [papers.Enrolment])], setup.RelayKey, policy, recoveryKey),
        };
        SignedStatement signed = new(genesis, await SignByAllAsync(genesis, papers, broker, "found the community", cancel));
        await using RelayConnection connection = await ConnectAsync(setup, time, cancel);
        await SubmitAsync(connection, signed, [papers.Evidence], cancel);
        var pin = new CommunityPin(setup.Relay, new RegistryId(genesis.Id.Value), setup.RelayKey, null);
        await ReadAsync(new RegistryFollower(pin.Registry), connection, vault, cancel);
        vault.Write(pin.Save);
        return pin;
    }

    /// <summary>Enrols a token by an invite.</summary>
    /// <param name="invite">The invite.</param>
    /// <param name="handle">The person's handle.</param>
    /// <param name="papers">The token's: it has keys in 9A and 9D.</param>
    /// <param name="broker">The way to it.</param>
    /// <param name="vault">Where the registry is kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="CommunityException">It was not taken, or the registry cannot be believed.</exception>
    public static async Task<CommunityPin> EnrolAsync(
        InviteLink invite, Handle handle, TokenPapers papers, TokenBroker broker, Vault vault, TimeProvider time, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(invite);
        ArgumentNullException.ThrowIfNull(papers);
        ArgumentNullException.ThrowIfNull(vault);
        (ulong, Digest) pinned = (invite.RegistrySize, invite.RegistryRoot);
        var follower = new RegistryFollower(invite.RegistryId, pinned);
        await using RelayConnection connection = await ConnectAsync(invite, time, cancel);
        await ReadAsync(follower, connection, vault, cancel);
        RegistryState state = follower.State;
        var enrol = new Statement
        {
            RegistryId = state.Id,
            BaseSize = state.Size,
            BaseRoot = state.Root,
            SignedAt = Now(time),
            Body = new Enrol(handle, papers.Enrolment),
        };
        List<StatementSignature> signatures = await SignByAllAsync(enrol, papers, broker, $"enrol as {handle}", cancel);
        using (Key key = invite.Code.DeriveKey())
        {
            byte[] publicKey = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
            signatures.Add(new StatementSignature(KeyHash.Of(publicKey).Value, SignatureAlgorithm.Ed25519.Sign(key, enrol.SigningInput())));
        }
        await SubmitAsync(connection, new SignedStatement(enrol, signatures), [papers.Evidence], cancel);
        await ReadAsync(follower, connection, vault, cancel);
        var pin = new CommunityPin(invite.Relay, state.Id, invite.RelayKey, pinned);
        vault.Write(pin.Save);
        return pin;
    }

    private static async Task ReadAsync(RegistryFollower follower, RelayConnection connection, Vault vault, CancellationToken cancel)
    {
        HeadVerdict verdict = await follower.SyncAsync(connection, vault, cancel);
        if (verdict == HeadVerdict.Accepted)
            return;
        string where = follower.Replica.Stop is { } stop ? $", leaf {stop.Index}: {stop.Rule} {stop.Fault}" : "";
        throw new CommunityException($"the registry of this relay cannot be believed ({verdict}{where})");
    }

    /// <summary>Submits a statement.</summary>
    /// <exception cref="CommunityException">It was not taken.</exception>
    internal static async Task<Submitted> SubmitAsync(RelayConnection connection, SignedStatement statement, IReadOnlyList<ReadOnlyMemory<byte>> evidence, CancellationToken cancel)
    {
        try
        {
            return await connection.AskAsync<Submitted>(new SubmitStatement(statement, evidence), cancel);
        }
        catch (RelayException e)
        {
            throw new CommunityException(e.Code switch
            {
                ErrorCode.Invalid => "the registry refuses the statement: the invite is used or over, the handle is taken, or the token does not satisfy the policy",
                ErrorCode.Refused => "the relay does not take this statement from this client",
                _ => e.Message,
            }, e);
        }
    }

    /// <summary>A signature by one of the token's keys.</summary>
    internal static async Task<StatementSignature> SignAsync(Statement statement, PivSlot slot, VerifyingKey key, Digest signer, TokenBroker broker, string purpose, CancellationToken cancel)
        => new(signer, EcdsaSignature.Normalise(key.Scheme, await broker.SignAsync(slot, key.Scheme, statement.SigningInput(), purpose, cancel)));

    private static async Task<List<StatementSignature>> SignByAllAsync(Statement statement, TokenPapers papers, TokenBroker broker, string purpose, CancellationToken cancel)
    {
        TokenEnrolment keys = papers.Enrolment;
        List<StatementSignature> signatures = [await SignAsync(statement, PivSlot.Authentication, keys.AuthenticationKey, keys.TokenId.Value, broker, purpose, cancel)];
        if (keys.SignatureKey is { } signatureKey)
            signatures.Add(await SignAsync(statement, PivSlot.Signature, signatureKey, keys.SignatureKeyHash!.Value.Value, broker, purpose, cancel));
        return signatures;
    }

    private static async Task<RelayConnection> ConnectAsync(InviteLink link, TimeProvider time, CancellationToken cancel)
    {
        using Key channel = Key.Create(KeyAgreementAlgorithm.X25519);
        using Key invite = link.Code.DeriveKey();
        byte[] channelKey = channel.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        var endpoint = new RelayEndpoint(link.Relay, link.RegistryId, RelayPin.Of(link.RelayKey));
        return await RelayConnection.ConnectAsync(
            endpoint, channel, relay => ClientAuth.Guest.Sign(invite, relay.RelayId, channelKey), static _ => ValueTask.CompletedTask, time, cancel);
    }

    private static ulong Now(TimeProvider time) => (ulong)time.GetUtcNow().ToUnixTimeSeconds();
}
