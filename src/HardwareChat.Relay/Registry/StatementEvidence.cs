using HardwareChat.Protocol;

namespace HardwareChat.Relay;

/// <summary>The evidence that statements name.</summary>
public static class StatementEvidence
{
    /// <summary>Hashes of the blobs that this statement names.</summary>
    public static IReadOnlyList<Digest> HashesOf(StatementBody body) => body switch
    {
        Genesis genesis => [.. genesis.Founders.SelectMany(static founder => founder.Tokens).Select(static token => token.Evidence)],
        Enrol enrol => [enrol.Token.Evidence],
        AddToken add => [add.Token.Evidence],
        _ => [],
    };
}
