using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Tokens.Tests.Simulator;

namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>What holds for any token behind the face, whatever driver opens it and whatever carries its APDUs.</summary>
/// <remarks>
/// A backend derives one class for each firmware it is tried on. The card is the simulated one, new from the factory for each test, with its
/// clock and its touches in the test's hand. What a firmware lacks is not skipped: there the clear refusal is the contract.
/// </remarks>
public abstract partial class TokenContract : IAsyncLifetime
{
    /// <summary>The serial number of the card of each test.</summary>
    protected const uint Serial = 12345678;

    private readonly Pin _pin = Pin.Create("123456"u8);
    private readonly Pin _puk = Pin.Create("12345678"u8);
    private readonly Pin _other = Pin.Create("654321"u8);
    private readonly List<TouchState> _touches = [];
    private readonly ManualClock _clock = new();

    protected TokenContract(FirmwareProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Profile = profile;
        Touch = new ContractTouch(_clock);
        using var root = SimulatedAttestationRoot.Create(TimeProvider.System.GetUtcNow());
        Card = SimulatedCard.Create(profile, Serial, root, Touch, _clock);
    }

    /// <summary>The firmware of the card.</summary>
    protected FirmwareProfile Profile { get; }

    /// <summary>The card; owned by this class.</summary>
    protected SimulatedCard Card { get; }

    /// <summary>Where the card's touches come from.</summary>
    protected ContractTouch Touch { get; }

    /// <summary>The card's clock, and the token's for touches.</summary>
    protected TimeProvider Clock => _clock;

    /// <summary>What the token said of touches, in order.</summary>
    protected IReadOnlyList<TouchState> Touches => _touches;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await InsertAsync();

    public async ValueTask DisposeAsync()
    {
        await RemoveAsync();
        Card.Dispose();
        _pin.Dispose();
        _puk.Dispose();
        _other.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Puts the card into its reader, or skips the test where there is none.</summary>
    protected abstract Task InsertAsync();

    /// <summary>Pulls the card out; nothing if it is out already.</summary>
    protected abstract Task RemoveAsync();

    /// <summary>Opens the token in the reader by the driver under test. <paramref name="patience"/> is for a card that is busy.</summary>
    protected abstract Task<IToken> OpenTokenAsync(TimeSpan? patience, EventHandler<CardBusyEventArgs>? whileOpening);

    /// <summary>Another program resets the card.</summary>
    protected abstract Task ResetByAnotherAsync();

    /// <summary>Another program takes the card, until disposed.</summary>
    protected abstract Task<IAsyncDisposable> HoldByAnotherAsync();

    private async Task<IToken> OpenAsync(TimeSpan? patience = null)
    {
        IToken token = await OpenTokenAsync(patience, null);
        token.TouchChanged += (_, change) => _touches.Add(change.State);
        return token;
    }

    private static Task<PivPublicKey> GenerateAsync(
        IToken token, PivSlot slot, PivAlgorithm algorithm = PivAlgorithm.EccP256, Attestation.PinPolicy pin = Attestation.PinPolicy.Once, Attestation.TouchPolicy touch = Attestation.TouchPolicy.Never)
        => token.GenerateAsync(slot, algorithm, pin, touch, Administration.FactoryDefault, Cancel);

    private static Task<byte[]> SignAsync(IToken token, Pin? pin, PivSlot? slot = null)
        => token.SignAsync(slot ?? PivSlot.Authentication, PivAlgorithm.EccP256, "message"u8.ToArray(), pin, Cancel);

    // Where the firmware lacks the feature, its refusal must say so, and with which firmware there is.
    private async Task<bool> HasAsync(bool has, string feature, Func<Task> use)
    {
        if (has)
            return true;
        FirmwareTooOldException refusal = await Assert.ThrowsAsync<FirmwareTooOldException>(use);
        Assert.Equal(Profile.Version, refusal.Actual);
        Assert.Contains($"needs firmware {refusal.Required}; this token has {Profile.Version}", refusal.Message, StringComparison.Ordinal);
        TestContext.Current.TestOutputHelper?.WriteLine($"firmware {Profile} lacks {feature}, and says: {refusal.Message}");
        return false;
    }
}
