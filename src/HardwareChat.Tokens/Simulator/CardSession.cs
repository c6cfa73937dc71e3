using System.Security.Cryptography;

namespace HardwareChat.Tokens.Simulator;

/// <summary>What the card forgets when it loses power or another application is selected.</summary>
internal sealed class CardSession
{
    private byte[]? _expectedWitness;
    private byte[]? _expectedResponse;

    /// <summary>The PIN has been verified since the application was selected.</summary>
    public bool PinVerified { get; private set; }

    /// <summary>The PIN was verified by the command just before, which PIN policy "always" asks for.</summary>
    public bool PinFresh { get; private set; }

    public bool ManagementAuthenticated { get; set; }

    public void AcceptPin() => (PinVerified, PinFresh) = (true, true);

    public void SpendFreshPin() => PinFresh = false;

    public void ForgetPin() => (PinVerified, PinFresh) = (false, false);

    public void ExpectWitness(byte[] witness) => _expectedWitness = witness;

    public void ExpectResponse(byte[] response) => _expectedResponse = response;

    /// <summary>Whether these are the bytes of the witness; they can be tried once.</summary>
    public bool TakeWitness(ReadOnlySpan<byte> candidate) => Take(ref _expectedWitness, candidate);

    /// <summary>Whether these are the bytes that answer the challenge; they can be tried once.</summary>
    public bool TakeResponse(ReadOnlySpan<byte> candidate) => Take(ref _expectedResponse, candidate);

    public void Clear()
    {
        ForgetPin();
        ManagementAuthenticated = false;
        _expectedWitness = null;
        _expectedResponse = null;
    }

    private static bool Take(ref byte[]? expected, ReadOnlySpan<byte> candidate)
    {
        byte[]? once = expected;
        expected = null;
        return once is not null && CryptographicOperations.FixedTimeEquals(once, candidate);
    }
}
