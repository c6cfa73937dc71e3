using HardwareChat.Protocol;
using NSec.Cryptography;

namespace HardwareChat.Relay;

/// <summary>The code that lets the founder in while there is no registry: printed at the start, good for the genesis and nothing else.</summary>
/// <remarks>A guest's handshake with the registry id of zeros; a new code at every start. Owns its code.</remarks>
internal sealed class SetupCode : IDisposable
{
    private readonly InviteCode _code = InviteCode.Generate();
    private readonly Digest _publicKey;

    public SetupCode()
    {
        using Key key = _code.DeriveKey();
        _publicKey = new Digest(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    /// <summary>The link that the founder's tool takes.</summary>
    public string Link(Uri relay, Digest relayKey)
    {
        using InviteLink link = new(relay, default, relayKey, 0, MerkleTree.EmptyRoot, _code.Copy());
        return link.ToLink();
    }

    /// <summary>Admits whoever has the code, and nobody else.</summary>
    public ChannelAdmission Admission(RelayId relay) => new()
    {
        RegistryId = default,
        RelayId = relay,
        FindToken = static _ => null,
        RootAt = static _ => null,
        SessionLifetimeAt = static _ => 0,
        InviteIsOpen = (key, _) => key == _publicKey,
    };

    /// <summary>Zeroes the code.</summary>
    public void Dispose() => _code.Dispose();
}
