using HardwareChat.Enrolment;
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
        await SubmitAsync(connection, signed, [papers.Evidence], RegistryState.Empty, cancel);
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
        var pin = new CommunityPin(invite.Relay, state.Id, invite.RelayKey, pinned);
        vault.Write(new PendingEnrolment(pin, handle).Save);
        try
        {
            await SubmitAsync(connection, new SignedStatement(enrol, signatures), [papers.Evidence], state, cancel);
        }
        catch (CommunityException)
        {
            vault.Write(PendingEnrolment.Settle);
            throw;
        }
        await ReadAsync(follower, connection, vault, cancel);
        Enter(pin, vault);
        return pin;
    }

    /// <summary>Finds out whether an enrolment was taken, of which the relay's answer was lost; if it was not, enrols.</summary>
    /// <param name="invite">The same invite.</param>
    /// <param name="pending">What the vault kept.</param>
    /// <param name="papers">The same token's.</param>
    /// <param name="broker">The way to it.</param>
    /// <param name="vault">The vault.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="CommunityException">It was not taken, or the registry cannot be believed.</exception>
    public static async Task<CommunityPin> ResumeAsync(
        InviteLink invite, PendingEnrolment pending, TokenPapers papers, TokenBroker broker, Vault vault, TimeProvider time, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(pending);
        try
        {
            return await EnrolAsync(invite, pending.Handle, papers, broker, vault, time, cancel);
        }
        catch (ConnectionException e) when (e.Fault == ConnectionFault.Refused)
        {
            // The invite is used, perhaps by this token: then the relay lets it in.
            return await EnterAsMemberAsync(pending, papers, broker, vault, time, cancel);
        }
    }

    private static async Task<CommunityPin> EnterAsMemberAsync(
        PendingEnrolment pending, TokenPapers papers, TokenBroker broker, Vault vault, TimeProvider time, CancellationToken cancel)
    {
        CommunityPin pin = pending.Community;
        var follower = new RegistryFollower(pin.Registry, pin.Pinned);
        if (!vault.Read(follower.Load) || follower.State.Size == 0)
            throw new CommunityException("the registry in the vault is not accepted");
        var token = new RegistryToken { Keys = papers.Enrolment, Handle = pending.Handle, EnrolledAt = follower.State.Size };
        using var draft = new SessionDraft(token, follower.State, new SessionWish(RelayId.OfKey(pin.RelayKey.ToArray()), [], 0), Now(time));
        SignatureScheme scheme = papers.Enrolment.AuthenticationKey.Scheme;
        byte[] signature = await broker.SignAsync(PivSlot.Authentication, scheme, draft.SigningInput(), $"see whether {pending.Handle} is enrolled", cancel);
        using Session session = draft.Complete(EcdsaSignature.Normalise(scheme, signature));
        var endpoint = new RelayEndpoint(pin.Address, pin.Registry, RelayPin.Of(follower.State));
        await using RelayConnection connection = await RelayConnection.ConnectAsync(
            endpoint, session.ChannelKey!, _ => new ClientAuth.Member(session.ChannelGrant!), static _ => ValueTask.CompletedTask, time, cancel);
        await ReadAsync(follower, connection, vault, cancel);
        if (follower.State.Token(papers.Enrolment.TokenId)?.Handle != pending.Handle)
            throw new CommunityException($"this token is not {pending.Handle}'s in this community");
        Enter(pin, vault);
        return pin;
    }

    private static void Enter(CommunityPin pin, Vault vault) => vault.Write(transaction =>
    {
        pin.Save(transaction);
        PendingEnrolment.Settle(transaction);
    });

    private static async Task ReadAsync(RegistryFollower follower, RelayConnection connection, Vault vault, CancellationToken cancel)
    {
        HeadVerdict verdict = await follower.SyncAsync(connection, vault, cancel);
        if (verdict == HeadVerdict.Accepted)
            return;
        string where = follower.Replica.Stop is { } stop ? $", leaf {stop.Index}: {stop.Rule} {stop.Fault}" : "";
        throw new CommunityException($"the registry of this relay cannot be believed ({verdict}{where})");
    }

    /// <summary>Submits a statement that was signed on this state.</summary>
    /// <exception cref="CommunityException">It was not taken; says which rule it breaks.</exception>
    internal static async Task<Submitted> SubmitAsync(RelayConnection connection, SignedStatement statement, IReadOnlyList<ReadOnlyMemory<byte>> evidence, RegistryState state, CancellationToken cancel)
    {
        try
        {
            return await connection.AskAsync<Submitted>(new SubmitStatement(statement, evidence), cancel);
        }
        catch (RelayException e)
        {
            throw new CommunityException(e.Code switch
            {
                ErrorCode.Invalid => WhyInvalid(statement, evidence, state),
                ErrorCode.Refused => "the relay does not take this statement from this client",
                _ => e.Message,
            }, e);
        }
    }

    // The relay says only that a rule is broken; the same code says which.
    private static string WhyInvalid(SignedStatement statement, IReadOnlyList<ReadOnlyMemory<byte>> evidence, RegistryState state)
    {
        var leaf = new RegistryLeaf(statement, Math.Max(state.AppendedAt, statement.Statement.SignedAt));
        Dictionary<Digest, ReadOnlyMemory<byte>> blobs = [];
        foreach (ReadOnlyMemory<byte> blob in evidence)
            blobs[Digest.Of(blob.Span)] = blob;
        var judge = new EvidenceJudge(hash => blobs.TryGetValue(hash, out ReadOnlyMemory<byte> blob) ? blob : null, new PivEvidence().Check);
        RegistryVerdict verdict = RegistryMachine.Apply(state, leaf, judge);
        return RegistryWords.Of(verdict.Rule, verdict.Fault);
    }

    /// <summary>A signature by one of the token's keys.</summary>
    internal static async Task<StatementSignature> SignAsync(Statement statement, PivSlot slot, VerifyingKey key, Digest signer, TokenBroker broker, string purpose, CancellationToken cancel)
        => new(signer, EcdsaSignature.Normalise(key.Scheme, await broker.SignAsync(slot, key.Scheme, statement.SigningInput(), purpose, cancel)));

    /// <summary>Signatures by each of a new token's keys.</summary>
    internal static async Task<List<StatementSignature>> SignByAllAsync(Statement statement, TokenPapers papers, TokenBroker broker, string purpose, CancellationToken cancel)
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
        try
        {
            return await RelayConnection.ConnectAsync(
                endpoint, channel, relay => ClientAuth.Guest.Sign(invite, relay.RelayId, channelKey), static _ => ValueTask.CompletedTask, time, cancel);
        }
        catch (ConnectionException e) when (e.Fault == ConnectionFault.Refused)
        {
            throw new ConnectionException(ConnectionFault.Refused, "the relay does not take this link: it is used or over, or of another community", e);
        }
    }

    private static ulong Now(TimeProvider time) => (ulong)time.GetUtcNow().ToUnixTimeSeconds();
}
