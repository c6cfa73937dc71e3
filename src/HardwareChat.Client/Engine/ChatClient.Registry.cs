using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;
using NSec.Cryptography;

namespace HardwareChat.Client;

/// <content>What an admin, or the owner of a token, says in the registry.</content>
public sealed partial class ChatClient
{
    /// <summary>Invites a person: a link that goes to that person alone.</summary>
    /// <param name="handle">The handle that it is for; null for any.</param>
    /// <param name="lifetime">How long it is good.</param>
    /// <param name="role">What the invited will be: a member, or a bot.</param>
    public async Task<InviteLink> InviteAsync(Handle? handle, TimeSpan lifetime, Role role = Role.Member)
    {
        var code = InviteCode.Generate();
        using Key key = code.DeriveKey();
        var publicKey = new Digest(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        ulong expiry = (ulong)((long)Now + _relayAhead + (long)lifetime.TotalSeconds);
        string purpose = handle is null ? "invite" : $"invite {handle}";
        await SubmitAsync(new Invite(publicKey, handle, role, expiry), statement => SignAsAdminAsync(statement, purpose));
        RegistryState state = _registry.State;
        return new InviteLink(_community.Address, state.Id, state.RelayKey, state.Size, state.Root, code);
    }

    /// <summary>Revokes a token, and tells every room of this client. A person's own with 9A, another's as an admin.</summary>
    public Task RevokeAsync(TokenId token, RevocationReason reason)
        => SubmitAsync(new Revoke(token, reason, 0, AlsoAdded: false), statement => SignForAsync(statement, token, "revoke a token"));

    /// <summary>Ends every session of a token. A person's own with 9A, another's as an admin.</summary>
    public Task SignOutAsync(TokenId token) => SubmitAsync(new SignOut(token), statement => SignForAsync(statement, token, "sign a token out"));

    /// <summary>Adds a token to this client's person, and lets it open the vault. Done before, it only lets it open the vault.</summary>
    /// <param name="papers">The new token's keys and attestations.</param>
    /// <param name="added">The way to the new token.</param>
    /// <param name="label">What its person calls it.</param>
    /// <exception cref="CommunityException">It was not taken, or is another person's.</exception>
    public async Task AddTokenAsync(TokenPapers papers, TokenBroker added, string label)
    {
        ArgumentNullException.ThrowIfNull(papers);
        ArgumentNullException.ThrowIfNull(added);
        TokenEnrolment keys = papers.Enrolment;
        Handle own = OwnToken.Handle;
        switch (_registry.State.Token(keys.TokenId))
        {
            case null:
                bool vouched = _registry.State.Policy.Evidence == EvidenceRule.Vouched || _registry.State.User(own)?.Role == Role.Bot;
                string purpose = $"add a token to {own}";
                await SubmitAsync(
                    new AddToken(own, keys),
                    async statement =>
                    [
                        .. await SignAsPersonAsync(statement, purpose),
                        .. vouched ? await SignAsAdminAsync(statement, purpose) : [],
                        .. await Enrolling.SignByAllAsync(statement, papers, added, $"be added to {own}", _end.Token),
                    ],
                    papers.Evidence);
                break;
            case { RevokedAt: not null }:
                throw new CommunityException("that token was revoked, and a key is enrolled once: make new keys on it first");
            case { Handle: var other } when other != own:
                throw new CommunityException($"that token is one of {other}'s");
        }
        var recipient = VaultRecipient.Token(keys.TokenId, PivPublicKey.FromSubjectPublicKeyInfo(keys.AgreementSpki.ToArray()), label);
        await DoAsync(() =>
        {
            _vault.AddRecipient(recipient);
            return Task.FromResult(true);
        });
    }

    /// <summary>Makes a user a member or an admin, or names the rooms of a bot.</summary>
    public Task ChangeRoleAsync(Handle handle, Role role, IReadOnlyList<RoomId> rooms)
        => SubmitAsync(new RoleChange(handle, role, rooms), statement => SignAsAdminAsync(statement, $"make {handle} {role.ToString().ToLowerInvariant()}"));

    /// <summary>The same by the community's recovery key, where no admin is left who can.</summary>
    /// <param name="handle">The user.</param>
    /// <param name="role">Member or admin.</param>
    /// <param name="recovery">The key on paper, which stays the caller's.</param>
    public Task ChangeRoleAsync(Handle handle, Role role, RecoveryKey recovery)
        => SubmitAsync(new RoleChange(handle, role, []), statement =>
        {
            using Key key = recovery.ToKey();
            Digest signer = KeyHash.Of(key.PublicKey.Export(KeyBlobFormat.RawPublicKey)).Value;
            return Task.FromResult<IReadOnlyList<StatementSignature>>([new StatementSignature(signer, SignatureAlgorithm.Ed25519.Sign(key, statement.SigningInput()))]);
        });

    /// <summary>Sets the community's policy.</summary>
    /// <param name="policy">The whole of it, with the next version.</param>
    public Task ChangePolicyAsync(RegistryPolicy policy)
        => SubmitAsync(new PolicyChange(policy), statement => SignAsAdminAsync(statement, "change the policy"));

    /// <summary>Reads the registry anew from its first statement, and compares with what this client has.</summary>
    public Task<RegistryReplay> ReplayRegistryAsync() => DoAsync(async () =>
    {
        await SyncAsync();
        var fresh = new RegistryFollower(_community.Registry, _community.Pinned);
        HeadVerdict verdict = await _pushed.WhileAskingAsync(() => fresh.SyncAsync(Connection, null, _end.Token));
        RegistryState own = _registry.State;
        return new RegistryReplay(verdict, fresh.Replica, fresh.State.RootAt(own.Size) == own.Root);
    });

    /// <summary>How long the relay takes to answer.</summary>
    public Task<TimeSpan> PingAsync() => DoAsync(async () =>
    {
        long start = _time.GetTimestamp();
        await _pushed.WhileAskingAsync(() => Connection.AskAsync<Pong>(new Ping(), _end.Token));
        return _time.GetElapsedTime(start);
    });

    /// <summary>By how much the relay's clock was ahead of this computer's when the connection was made.</summary>
    public TimeSpan RelayAhead => TimeSpan.FromSeconds(_relayAhead);

    // The touch is waited for outside the engine's turn.
    private async Task SubmitAsync(StatementBody body, Func<Statement, Task<IReadOnlyList<StatementSignature>>> sign, params ReadOnlyMemory<byte>[] evidence)
    {
        RegistryState state = await DoAsync(async () =>
        {
            await SyncAsync();
            return _registry.State;
        });
        var statement = new Statement { RegistryId = state.Id, BaseSize = state.Size, BaseRoot = state.Root, SignedAt = Now, Body = body };
        var signed = new SignedStatement(statement, await sign(statement));
        await DoAsync(async () =>
        {
            if (body is Revoke or SignOut)
                await SpreadAsync(signed);
            Submitted taken = await _pushed.WhileAskingAsync(() => Enrolling.SubmitAsync(Connection, signed, evidence, state, _end.Token));

            // Whom it puts out cannot read it from the relay any more, and must know of it before the next touch.
            if (!PutsOut(body, Token) || !_registry.TakeOwn(signed, taken, _vault))
                await SyncAsync();
            return true;
        });
    }

    private static bool PutsOut(StatementBody body, TokenId token) => body switch
    {
        Revoke revoke => revoke.Token == token,
        SignOut signOut => signOut.Token == token,
        _ => false,
    };

    private Task<IReadOnlyList<StatementSignature>> SignForAsync(Statement statement, TokenId subject, string purpose)
        => _registry.State.Token(subject)?.Handle == OwnToken.Handle ? SignAsPersonAsync(statement, purpose) : SignAsAdminAsync(statement, purpose);

    private async Task<IReadOnlyList<StatementSignature>> SignAsPersonAsync(Statement statement, string purpose)
        => [await Enrolling.SignAsync(statement, PivSlot.Authentication, OwnToken.Keys.AuthenticationKey, Token.Value, _broker, purpose, _end.Token)];

    private async Task<IReadOnlyList<StatementSignature>> SignAsAdminAsync(Statement statement, string purpose)
    {
        TokenEnrolment keys = OwnToken.Keys;
        VerifyingKey key = keys.SignatureKey ?? throw new CommunityException("this token has no key in 9C, with which admins sign");
        return [await Enrolling.SignAsync(statement, PivSlot.Signature, key, keys.SignatureKeyHash!.Value.Value, _broker, purpose, _end.Token)];
    }

    // A token that is revoked opens the vault no more: a fresh key, wrapped to those that stay. Never to nobody: whose every token is
    // revoked keeps a vault that can be read.
    private void WithdrawRevoked()
    {
        IReadOnlyList<VaultRecipient> all = _vault.Recipients();
        VaultRecipient[] stay = [.. all.Where(recipient => recipient.Kind != RecipientKind.Token || _registry.State.Token(new TokenId(recipient.Id))?.RevokedAt is null)];
        if (stay.Length < all.Count && stay.Length > 0)
            _vault.Rekey(stay);
    }

    // Said in every room before the relay has it, which may keep it to itself; from then on nothing is sent that the token could read.
    private async Task SpreadAsync(SignedStatement signed)
    {
        var news = new StatementContent(TlsWriter.Encode(signed));
        foreach (JoinedRoom joined in _rooms.Values.Where(static joined => joined.Room.Status == RoomStatus.Member).ToArray())
        {
            try
            {
                await SendAsync(joined, news);
            }
            catch (Exception e) when (e is RoomException or RelayException or ConnectionException)
            {
                // What was encrypted waits in the outbox, and goes on the next connection.
                TellAndKeep(new ClientEvent.Trouble(joined.Room.Id, joined.Room.Chain.Size, $"the revocation was not told here: {e.Message}"));
            }
        }
        _fence.Take(_registry.State, signed);
    }

    // Null for what the registry holds already, or what does not verify: the statement of a member who may not make it says nothing.
    private ClientEvent.Trouble? TakeNews(RoomId room, ulong sequence, Handle sender, StatementContent news)
    {
        SignedStatement signed;
        try
        {
            signed = SignedStatement.Decode(news.Statement.Span);
        }
        catch (DecodeException e)
        {
            return new ClientEvent.Trouble(room, sequence, $"{sender} sent a statement that is none: {e.Message}");
        }
        RegistryState registry = _registry.State;
        if (_fence.Take(registry, signed) is { } rule)
            return new ClientEvent.Trouble(room, sequence, $"{sender} sent a statement that is not valid ({rule})");
        TokenId? token = signed.Statement.Body switch
        {
            Revoke revoke => revoke.Token,
            SignOut signOut => signOut.Token,
            _ => null,
        };
        return registry.Contains(signed.Statement.Id) || token is null
            ? null
            : new ClientEvent.Trouble(room, sequence, $"a token of {registry.Token(token.Value)?.Handle} is revoked or signed out, which the relay's registry does not hold yet: nothing is sent that it could read");
    }
}
