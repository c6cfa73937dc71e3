using System.Text;

namespace HardwareChat.Mls.Interop.Tests.Peers;

/// <summary>Makes the parties of a test class; foreign processes start when they are first needed and end with the class.</summary>
public sealed class Cast : IDisposable
{
    private static int _made;
    private readonly List<OwnParty> _own = [];

    private readonly Lazy<PeerProcess> _tsMls = new(() => new PeerProcess("ts-mls-peer.mjs"));
    private readonly Lazy<PeerProcess> _coreCrypto = new(() => new PeerProcess("core-crypto-peer.mjs"));

    internal Party Party(Implementation implementation, CipherSuiteId suite)
    {
        int number = Interlocked.Increment(ref _made);
        // core-crypto takes no identity of another form: <uuid>:<device, a number in hex, shortest>@<domain>.
        byte[] identity = Encoding.UTF8.GetBytes($"00000000-0000-4000-8000-{number:x12}:{number:x}@example.org");
        string name = $"{implementation}-{number}";
        return implementation switch
        {
            Implementation.HardwareChat => Own(name, suite, identity),
            Implementation.TsMls => new NodeParty(_tsMls.Value, name, suite, identity),
            Implementation.CoreCrypto => new NodeParty(_coreCrypto.Value, name, suite, identity),
            _ => throw new ArgumentOutOfRangeException(nameof(implementation)),
        };
    }

    private OwnParty Own(string name, CipherSuiteId suite, byte[] identity)
    {
        var party = new OwnParty(name, suite, identity);
        _own.Add(party);
        return party;
    }

    public void Dispose()
    {
        foreach (OwnParty party in _own)
            party.Dispose();
        if (_tsMls.IsValueCreated)
            _tsMls.Value.Dispose();
        if (_coreCrypto.IsValueCreated)
            _coreCrypto.Value.Dispose();
    }
}
