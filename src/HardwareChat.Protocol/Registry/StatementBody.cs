using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// enum { reserved(0), genesis(1), invite(2), enrol(3), add_token(4), revoke(5), sign_out(6), role(7), policy(8), relay(9), (255) } StatementKind;
// enum { reserved(0), member(1), admin(2), bot(3), (255) } Role;
//
// genesis    Founder founders<V>; opaque relay_key[32]; RegistryPolicy policy; optional<opaque[32]> recovery_key;
//            struct { Handle handle; TokenEnrolment tokens<V>; } Founder;
// invite     opaque invite_key[32]; optional<Handle> handle; Role role; uint64 expiry;
// enrol      Handle handle; TokenEnrolment token;
// add_token  Handle handle; TokenEnrolment token;
// revoke     TokenId token; RevocationReason reason; uint64 suspect_since; bool also_added;
// sign_out   TokenId token;
// role       Handle handle; Role role; RoomId rooms<V>;
// policy     RegistryPolicy policy;
// relay      opaque relay_key[32];

/// <summary>The kinds of statements.</summary>
public enum StatementKind : byte
{
    /// <summary>The first statement: founders, relay key, policy.</summary>
    Genesis = 1,

    /// <summary>A key that lets one person enrol.</summary>
    Invite = 2,

    /// <summary>A new user with a first token.</summary>
    Enrol = 3,

    /// <summary>Another token of a user.</summary>
    AddToken = 4,

    /// <summary>A token is out.</summary>
    Revoke = 5,

    /// <summary>All touches of a token made so far are over.</summary>
    SignOut = 6,

    /// <summary>A user's role.</summary>
    Role = 7,

    /// <summary>A new policy.</summary>
    Policy = 8,

    /// <summary>A new relay key.</summary>
    Relay = 9,
}

/// <summary>What a user is in the community.</summary>
public enum Role : byte
{
    /// <summary>A member.</summary>
    Member = 1,

    /// <summary>An admin, who signs with 9C.</summary>
    Admin = 2,

    /// <summary>A program: its token needs no touch, and it may only be in the rooms that its role statement names.</summary>
    Bot = 3,
}

/// <summary>Why a token was revoked.</summary>
public enum RevocationReason : byte
{
    /// <summary>Not said.</summary>
    Unspecified = 1,

    /// <summary>Lost.</summary>
    Lost = 2,

    /// <summary>Stolen, or its PIN is known.</summary>
    Compromised = 3,

    /// <summary>Replaced by another token.</summary>
    Superseded = 4,

    /// <summary>Its user has left.</summary>
    Left = 5,
}

/// <summary>What a statement says: one of the kinds below.</summary>
public abstract record StatementBody : ITlsSerializable
{
    private protected StatementBody()
    {
    }

    /// <summary>The kind, as it is on the wire.</summary>
    public abstract StatementKind Kind { get; }

    /// <summary>The tokens that it enrols.</summary>
    public IEnumerable<TokenEnrolment> NewTokens() => this switch
    {
        Genesis genesis => genesis.Founders.SelectMany(static founder => founder.Tokens),
        Enrol enrol => [enrol.Token],
        AddToken add => [add.Token],
        _ => [],
    };

    /// <inheritdoc/>
    public abstract void WriteTo(ref TlsWriter writer);

    /// <summary>Reads the whole of <paramref name="reader"/> as a body of this kind.</summary>
    internal static StatementBody Read(StatementKind kind, ref TlsReader reader)
    {
        StatementBody body = kind switch
        {
            StatementKind.Genesis => Genesis.Read(ref reader),
            StatementKind.Invite => Invite.Read(ref reader),
            StatementKind.Enrol => new Enrol(Handle.Read(ref reader), TokenEnrolment.Read(ref reader)),
            StatementKind.AddToken => new AddToken(Handle.Read(ref reader), TokenEnrolment.Read(ref reader)),
            StatementKind.Revoke => Revoke.Read(ref reader),
            StatementKind.SignOut => new SignOut(TokenId.Read(ref reader)),
            StatementKind.Role => RoleChange.Read(ref reader),
            StatementKind.Policy => new PolicyChange(RegistryPolicy.Read(ref reader)),
            StatementKind.Relay => new RelayChange(Digest.Read(ref reader)),
            _ => new UnknownBody(kind, reader.ReadFixed(reader.Remaining).ToArray()),
        };
        reader.ThrowIfNotEmpty();
        return body;
    }

    private protected static Role ReadRole(ref TlsReader reader)
    {
        var role = (Role)reader.ReadUInt8();
        return Enum.IsDefined(role) ? role : throw reader.Malformed("no such role");
    }
}

/// <summary>One founder of a registry, an admin from the start.</summary>
/// <param name="Handle">The name.</param>
/// <param name="Tokens">The tokens, each with a 9C key.</param>
public sealed record Founder(Handle Handle, IReadOnlyList<TokenEnrolment> Tokens) : ITlsSerializable
{
    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer)
    {
        Handle.WriteTo(ref writer);
        writer.WriteVector<TokenEnrolment>([.. Tokens]);
    }
}

/// <summary>Founds a registry. Signed by every founder token's 9A and 9C.</summary>
/// <param name="Founders">One to eight.</param>
/// <param name="RelayKey">The relay's Ed25519 identity key.</param>
/// <param name="Policy">The first policy.</param>
/// <param name="RecoveryKey">An Ed25519 key kept on paper; null for none.</param>
public sealed record Genesis(IReadOnlyList<Founder> Founders, Digest RelayKey, RegistryPolicy Policy, Digest? RecoveryKey) : StatementBody
{
    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Genesis;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        writer.WriteVector<Founder>([.. Founders]);
        RelayKey.WriteTo(ref writer);
        Policy.WriteTo(ref writer);
        writer.WriteOptional(RecoveryKey is not null);
        RecoveryKey?.WriteTo(ref writer);
    }

    internal static Genesis Read(ref TlsReader reader)
    {
        TlsReader list = reader.ReadVector(ProtocolLimits.StatementBytes);
        var founders = new List<Founder>();
        while (!list.IsEmpty)
        {
            Handle handle = Handle.Read(ref list);
            TlsReader tokens = list.ReadVector(ProtocolLimits.StatementBytes);
            var enrolments = new List<TokenEnrolment>();
            while (!tokens.IsEmpty)
            {
                enrolments.Add(TokenEnrolment.Read(ref tokens));
                if (enrolments.Count > ProtocolLimits.TokensPerUser)
                    throw tokens.Malformed("too many tokens");
            }
            founders.Add(new Founder(handle, enrolments));
            if (founders.Count > ProtocolLimits.Founders)
                throw list.Malformed("too many founders");
        }
        Digest relayKey = Digest.Read(ref reader);
        RegistryPolicy policy = RegistryPolicy.Read(ref reader);
        return new Genesis(founders, relayKey, policy, reader.ReadOptional() ? Digest.Read(ref reader) : null);
    }
}

/// <summary>Lets one person enrol. Signed by an admin, or whom the policy allows; for a bot, by an admin.</summary>
/// <param name="InviteKey">The Ed25519 key derived from the code.</param>
/// <param name="Handle">The only handle that may be taken with it; null for any.</param>
/// <param name="Role">Member or bot.</param>
/// <param name="Expiry">Unix seconds, at most 30 days from the leaf's appended_at.</param>
public sealed record Invite(Digest InviteKey, Handle? Handle, Role Role, ulong Expiry) : StatementBody
{
    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Invite;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        InviteKey.WriteTo(ref writer);
        writer.WriteOptional(Handle is not null);
        Handle?.WriteTo(ref writer);
        writer.WriteUInt8((byte)Role);
        writer.WriteUInt64(Expiry);
    }

    internal static Invite Read(ref TlsReader reader)
    {
        Digest key = Digest.Read(ref reader);
        Handle? handle = reader.ReadOptional() ? Protocol.Handle.Read(ref reader) : null;
        Role role = ReadRole(ref reader);
        if (role == Role.Admin)
            throw reader.Malformed("an invite cannot make an admin");
        return new Invite(key, handle, role, reader.ReadUInt64());
    }
}

/// <summary>A new user. Signed by the new token's 9A (and 9C), the invite key, and a voucher where the policy asks for one.</summary>
/// <param name="Handle">The name.</param>
/// <param name="Token">The first token.</param>
public sealed record Enrol(Handle Handle, TokenEnrolment Token) : StatementBody
{
    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Enrol;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Handle.WriteTo(ref writer);
        Token.WriteTo(ref writer);
    }
}

/// <summary>Another token of a user. Signed by an older token of that user, the new 9A (and 9C), and a voucher where the policy asks for one.</summary>
/// <param name="Handle">The user.</param>
/// <param name="Token">The new token.</param>
public sealed record AddToken(Handle Handle, TokenEnrolment Token) : StatementBody
{
    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.AddToken;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Handle.WriteTo(ref writer);
        Token.WriteTo(ref writer);
    }
}

/// <summary>A token is out. Signed by any token of its user, or an admin.</summary>
/// <param name="Token">The token.</param>
/// <param name="Reason">Why.</param>
/// <param name="SuspectSince">A registry size: what the token did since is in doubt.</param>
/// <param name="AlsoAdded">Whether the tokens that it added since, and those that they added, are out too.</param>
public sealed record Revoke(TokenId Token, RevocationReason Reason, ulong SuspectSince, bool AlsoAdded) : StatementBody
{
    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Revoke;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Token.WriteTo(ref writer);
        writer.WriteUInt8((byte)Reason);
        writer.WriteUInt64(SuspectSince);
        writer.WriteOptional(AlsoAdded);
    }

    internal static Revoke Read(ref TlsReader reader)
    {
        TokenId token = TokenId.Read(ref reader);
        var reason = (RevocationReason)reader.ReadUInt8();
        if (!Enum.IsDefined(reason))
            throw reader.Malformed("no such reason");
        return new Revoke(token, reason, reader.ReadUInt64(), reader.ReadOptional());
    }
}

/// <summary>Ends all touches of a token made under an earlier registry head. Signed by any token of its user, or an admin.</summary>
/// <param name="Token">The token.</param>
public sealed record SignOut(TokenId Token) : StatementBody
{
    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.SignOut;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => Token.WriteTo(ref writer);
}

/// <summary>A user's role. Signed by policy.threshold admins, or the recovery key.</summary>
/// <param name="Handle">The user.</param>
/// <param name="Role">The new role. A bot stays a bot, and nobody else becomes one.</param>
/// <param name="Rooms">The rooms that a bot may be in; empty for others.</param>
public sealed record RoleChange(Handle Handle, Role Role, IReadOnlyList<RoomId> Rooms) : StatementBody
{
    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Role;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer)
    {
        Handle.WriteTo(ref writer);
        writer.WriteUInt8((byte)Role);
        writer.WriteVector<RoomId>([.. Rooms]);
    }

    internal static RoleChange Read(ref TlsReader reader)
    {
        Handle handle = Handle.Read(ref reader);
        Role role = ReadRole(ref reader);
        TlsReader list = reader.ReadVector(ProtocolLimits.BotRooms * Digest.Size);
        var rooms = new List<RoomId>();
        while (!list.IsEmpty)
            rooms.Add(RoomId.Read(ref list));
        return role == Role.Bot || rooms.Count == 0
            ? new RoleChange(handle, role, rooms)
            : throw reader.Malformed("only a bot's role names rooms");
    }
}

/// <summary>A new policy, with the next version. Signed by policy.threshold admins.</summary>
/// <param name="Policy">The whole policy.</param>
public sealed record PolicyChange(RegistryPolicy Policy) : StatementBody
{
    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Policy;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => Policy.WriteTo(ref writer);
}

/// <summary>A new relay key. Signed by policy.threshold admins, or the recovery key.</summary>
/// <param name="RelayKey">The relay's new Ed25519 identity key.</param>
public sealed record RelayChange(Digest RelayKey) : StatementBody
{
    /// <inheritdoc/>
    public override StatementKind Kind => StatementKind.Relay;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => RelayKey.WriteTo(ref writer);
}

/// <summary>A body of a kind, or inside a version, that this code does not know: nothing follows from it but to stop.</summary>
/// <param name="UnknownKind">The kind.</param>
/// <param name="Bytes">The body as it came.</param>
public sealed record UnknownBody(StatementKind UnknownKind, byte[] Bytes) : StatementBody
{
    /// <inheritdoc/>
    public override StatementKind Kind => UnknownKind;

    /// <inheritdoc/>
    public override void WriteTo(ref TlsWriter writer) => writer.WriteFixed(Bytes);
}
