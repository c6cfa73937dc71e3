using CsCheck;
using NSec.Cryptography;

namespace HardwareChat.Protocol.Tests;

/// <summary>Random statements by random signers: whatever is accepted, the registry's invariants hold.</summary>
public sealed class RegistryPropertyTests
{
    private static readonly string[] Names = ["alice", "bob", "b0b", "carol", "dave"];

    [Fact]
    public void Never_zero_admins_never_two_owners_of_a_handle_and_replicas_agree()
    {
        int accepted = 0;
        int refused = 0;
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[0, 3]).Array[1, 40].Sample(
            steps =>
            {
                var world = new World();
                foreach ((int action, int subject, int signer, int lag) in steps)
                {
                    if (world.Step(action, subject, signer, lag))
                        Interlocked.Increment(ref accepted);
                    else
                        Interlocked.Increment(ref refused);
                    world.CheckInvariants();
                }
                world.CheckReplicasAgree();
            },
            iter: 60);

        // Statements of both outcomes were made, or the property says nothing.
        Assert.True(accepted > 100 && refused > 100, $"{accepted} accepted, {refused} refused");
    }

    private sealed class World
    {
        private readonly TestCommunity _community = new();
        private readonly List<TestToken> _tokens;
        private readonly List<Key> _invites = [];
        private readonly Dictionary<Handle, TokenId> _firstOwners = [];

        public World() => _tokens = [_community.Token("alice")];

        public bool Step(int action, int subject, int signer, int lag)
        {
            TestToken by = _tokens[signer % _tokens.Count];
            TestToken about = _tokens[subject % _tokens.Count];
            string name = Names[subject % Names.Length];
            ulong size = _community.State.Size;
            ulong baseSize = size > (ulong)lag ? size - (ulong)lag : 1;
            SignedStatement statement;
            switch (action)
            {
                case 0:
                    Key invite = Key.Create(SignatureAlgorithm.Ed25519);
                    _invites.Add(invite);
                    statement = _community.Sign(new Invite(TestCommunity.Raw(invite), null, Role.Member, _community.Time + 50), baseSize, by.As9C);
                    break;
                case 1 when _invites.Count > 0:
                    TestToken enrolled = _community.NewToken(name);
                    _tokens.Add(enrolled);
                    Func<Statement, StatementSignature>[] signers = [.. enrolled.AllKeys(), TestCommunity.By(_invites[signer % _invites.Count])];
                    statement = _community.Sign(new Enrol(Handle.Parse(name), enrolled.Enrolment), baseSize, signers);
                    break;
                case 2:
                    TestToken added = _community.NewToken(name);
                    _tokens.Add(added);
                    statement = _community.Sign(new AddToken(Handle.Parse(name), added.Enrolment), baseSize, [by.As9A, .. added.AllKeys()]);
                    break;
                case 3:
                    statement = _community.Sign(new Revoke(about.Id, RevocationReason.Lost, 0, (subject & 1) == 1), baseSize, (signer & 1) == 0 ? by.As9A : by.As9C);
                    break;
                case 4:
                    statement = _community.Sign(new RoleChange(Handle.Parse(name), Role.Admin, []), baseSize, by.As9C);
                    break;
                case 5:
                    statement = _community.Sign(new RoleChange(Handle.Parse(name), Role.Member, []), baseSize, by.As9C);
                    break;
                case 6:
                    var policy = new RegistryPolicy { Version = _community.State.Policy.Version + 1, AttestationRoots = [], Threshold = (byte)(1 + (subject % 2)) };
                    statement = _community.Sign(new PolicyChange(policy), baseSize, by.As9C);
                    break;
                default:
                    statement = _community.Sign(new SignOut(about.Id), baseSize, by.As9A);
                    break;
            }
            if (_community.Try(statement).State is null)
                return false;
            _community.Append(statement);
            return true;
        }

        public void CheckInvariants()
        {
            RegistryState state = _community.State;
            Assert.True(state.Admins.Any(handle => state.Users[handle].Tokens.Any(id => state.Tokens[id] is { RevokedAt: null, Keys.SignatureKey: not null })), "no admin can sign");
            Assert.Equal(state.Users.Count, state.Users.Keys.Select(static handle => handle.Skeleton).Distinct().Count());
            foreach (RegistryUser user in state.Users.Values)
            {
                Assert.All(user.Tokens, id => Assert.Equal(user.Handle, state.Tokens[id].Handle));
                if (!_firstOwners.TryAdd(user.Handle, user.Tokens[0]))
                    Assert.Equal(_firstOwners[user.Handle], user.Tokens[0]);
            }
            Assert.Equal(state.Tokens.Count, state.Users.Values.Sum(static user => user.Tokens.Count));
            Assert.Equal(MerkleTree.Root([.. _community.Leaves.Select(static leaf => leaf.Hash)]), state.Root);
        }

        public void CheckReplicasAgree()
        {
            RegistryReplica atOnce = _community.Replica();
            Assert.Equal(HeadVerdict.Accepted, atOnce.Accept(_community.EncodedLeaves, _community.Checkpoint()));
            RegistryReplica oneByOne = _community.Replica();
            for (int i = 0; i < _community.Leaves.Count; i++)
                Assert.Equal(HeadVerdict.Accepted, oneByOne.Accept([_community.EncodedLeaves[i]], _community.Checkpoint((ulong)i + 1)));
            Assert.All((RegistryReplica[])[atOnce, oneByOne], replica =>
            {
                Assert.Equal(_community.State.Root, replica.State.Root);
                Assert.Equal(_community.State.Admins.Order(), replica.State.Admins.Order());
                Assert.Equal(
                    _community.State.Tokens.Values.Select(static token => (token.Keys.TokenId.ToString(), token.EnrolledAt, token.RevokedAt)).Order(),
                    replica.State.Tokens.Values.Select(static token => (token.Keys.TokenId.ToString(), token.EnrolledAt, token.RevokedAt)).Order());
            });
        }
    }
}
