using System.Diagnostics.CodeAnalysis;

namespace HardwareChat.Protocol;

// Whether a signature is a key's over these bytes, and whether evidence satisfies a policy, are questions that no order
// decides. So a replica that catches up asks them for a stretch of leaves at once, on all cores, and then applies the leaves
// one by one. What is asked here is a guess: which key will have signed, which policy will stand. Where the guess is wrong the
// machine finds no answer and asks again itself; an answer is only ever taken for exactly the question that it was given to.

/// <summary>Answers to what can be asked of leaves before their turn.</summary>
internal sealed class ReadAhead
{
    private readonly RegistryState _state;
    private readonly Dictionary<Digest, VerifyingKey> _newKeys = [];
    private readonly Dictionary<Digest, ReadOnlyMemory<byte>> _blobs = [];
    private readonly Dictionary<StatementSignature, SignatureAnswer> _signatures = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<EvidenceQuestion, EvidenceFault?> _evidence = [];

    /// <summary>Asks of these leaves, which may follow this state, what can be asked.</summary>
    public ReadAhead(RegistryState state, IReadOnlyList<RegistryLeaf> leaves, EvidenceJudge evidence)
    {
        _state = state;
        foreach (RegistryLeaf leaf in leaves)
            NoteNewKeys(leaf.Statement.Statement.Body);
        var signatures = leaves.SelectMany(static leaf => leaf.Statement.Signatures.Select(signature => (leaf.Statement.Statement, Signature: signature))).ToList();
        bool isJudged = ReferenceEquals(evidence, EvidenceJudge.AlreadyJudged);
        List<EvidenceQuestion> questions = isJudged || state.Size == 0 || state.Policy.Evidence == EvidenceRule.Vouched
            ? []
            : [.. leaves.Select(leaf => Guess(leaf, evidence.Source)).OfType<EvidenceQuestion>()];
        var answers = new SignatureAnswer?[signatures.Count];
        var faults = new EvidenceFault?[questions.Count];
        Parallel.For(0, signatures.Count, i => answers[i] = Ask(signatures[i].Statement, signatures[i].Signature));
        Parallel.For(0, questions.Count, i => faults[i] = evidence.Check(questions[i]));
        for (int i = 0; i < answers.Length; i++)
        {
            if (answers[i] is { } answer)
                _signatures[signatures[i].Signature] = answer;
        }
        for (int i = 0; i < faults.Length; i++)
            _evidence[questions[i]] = faults[i];
        Evidence = isJudged ? evidence : new EvidenceJudge(
            hash => _blobs.TryGetValue(hash, out ReadOnlyMemory<byte> blob) ? blob : evidence.Source(hash),
            question => _evidence.TryGetValue(question, out EvidenceFault? fault) ? fault : evidence.Check(question));
    }

    /// <summary>The judge, who has some of the answers already.</summary>
    public EvidenceJudge Evidence { get; }

    /// <summary>Whether the signature is this key's over the statement.</summary>
    public bool IsSigned(Statement statement, StatementSignature signature, VerifyingKey key)
        => _signatures.TryGetValue(signature, out SignatureAnswer? known) && known.Key.Equals(key) && ReferenceEquals(known.Statement, statement)
            ? known.Holds
            : IsSignedBy(statement, signature, key);

    /// <summary>Whether the signature is this key's over the statement, asked now.</summary>
    public static bool IsSignedBy(Statement statement, StatementSignature signature, VerifyingKey key)
        => key.Verify(Labels.Statement, statement.Encoded, signature.Signature);

    private sealed record SignatureAnswer(Statement Statement, VerifyingKey Key, bool Holds);

    private SignatureAnswer? Ask(Statement statement, StatementSignature signature)
        => TryFindKey(signature.Signer, out VerifyingKey? key) ? new SignatureAnswer(statement, key, IsSignedBy(statement, signature, key)) : null;

    // A signer's name is the hash of its key, so that whoever has it in whatever way has the key.
    private bool TryFindKey(Digest signer, [NotNullWhen(true)] out VerifyingKey? key)
    {
        key = _newKeys.GetValueOrDefault(signer);
        if (key is null && StatementSigners.TokenOf(_state, signer) is { } token)
            key = token.Keys.TokenId.Value == signer ? token.Keys.AuthenticationKey : token.Keys.SignatureKey;
        if (key is null && _state.Invite(new KeyHash(signer)) is { } invite)
            key = StatementSigners.KeyOf(invite.Statement);
        return key is not null;
    }

    private void NoteNewKeys(StatementBody body)
    {
        if (body is Invite invite)
            _newKeys[KeyHash.Of(invite.InviteKey.ToArray()).Value] = StatementSigners.KeyOf(invite);
        foreach (TokenEnrolment token in body.NewTokens())
        {
            _newKeys[token.TokenId.Value] = token.AuthenticationKey;
            if (token.SignatureKeyHash is { } signatureKey)
                _newKeys[signatureKey.Value] = token.SignatureKey!;
        }
    }

    // A bot's enrolment is judged in its turn: its role stands in the invite.
    private EvidenceQuestion? Guess(RegistryLeaf leaf, EvidenceSource source)
    {
        TokenEnrolment? token = leaf.Statement.Statement.Body switch
        {
            Enrol enrol => enrol.Token,
            AddToken add => add.Token,
            _ => null,
        };
        if (token is null || source(token.Evidence) is not { } blob || Digest.Of(blob.Span) != token.Evidence)
            return null;
        _blobs[token.Evidence] = blob;
        Role role = leaf.Statement.Statement.Body is AddToken { Handle: var handle } && _state.User(handle) is { } user ? user.Role : Role.Member;
        return new EvidenceQuestion(token, blob, _state.Policy, role, leaf.AppendedAt);
    }
}
