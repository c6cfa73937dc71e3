using System.Text.Json;
using HardwareChat.Mls.Vectors.Kinds;

namespace HardwareChat.Mls.Vectors;

/// <summary>One kind of the working group's vectors; the formats are described in test-vectors.md of mlswg/mls-implementations.</summary>
internal abstract class VectorKind
{
    private static readonly VectorKind[] All =
    [
        new CryptoBasics(),
        new Deserialization(),
        new KeyScheduleEpochs(),
        new PskSecrets(),
        new TreeRelations(),
        new TreeOperations(),
        new TreeValidity(),
        new TreeKemPaths(),
        new SecretTreeKeys(),
        new TranscriptHashes(),
        new MessageProtection(),
        new Messages(),
        new WelcomeSecrets(),
        new PassiveClient(),
    ];

    public abstract string Name { get; }

    /// <summary>Members that a case of this kind has, and of no other kind has all of.</summary>
    protected abstract string[] Members { get; }

    /// <summary>Throws unless the case holds.</summary>
    public abstract void Run(JsonElement test);

    public static VectorKind? Of(JsonElement test)
        => test.ValueKind != JsonValueKind.Object ? null : All.FirstOrDefault(kind => kind.Members.All(member => test.TryGetProperty(member, out _)));
}
