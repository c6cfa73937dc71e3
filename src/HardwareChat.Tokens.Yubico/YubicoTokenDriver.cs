using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Piv;
using Microsoft.Extensions.Logging.Abstractions;
using Yubico.Core.Devices.SmartCard;
using Yubico.Core.Logging;

namespace HardwareChat.Tokens.Yubico;

/// <summary>The driver over Yubico's .NET SDK: YubiKeys alone, each by the name of its reader, as the built-in driver names it.</summary>
public sealed class YubicoTokenDriver : ITokenDriver
{
    // A list is wanted now: a card that another program has longer is listed as busy.
    private static readonly TimeSpan PatienceOfLists = TimeSpan.FromSeconds(2);

    // The SDK writes to the console unless it is told otherwise, and reads an appsettings.json that may lie about.
    static YubicoTokenDriver() => Log.Instance = NullLoggerFactory.Instance;

    /// <inheritdoc/>
    public event EventHandler<CardBusyEventArgs>? BusyChanged;

    /// <inheritdoc/>
    public string Name => "yubico";

    /// <summary>How long an operation waits for a card that another program has.</summary>
    public TimeSpan Patience { get; init; } = CardTurn.DefaultPatience;

    /// <summary>Times the touches that cards remember.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TokenInfo>> ListAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<ISmartCardDevice> readers = await Task.Run(YubicoDevice.Find, cancellationToken).ConfigureAwait(false);
        var tokens = new List<TokenInfo>();
        foreach (ISmartCardDevice reader in readers)
        {
            try
            {
                var turn = new CardTurn(reader.Path, locked: true) { Patience = PatienceOfLists };
                await using YubicoToken token = await YubicoToken.OpenAsync(
                    reader, DeviceQuestion.AskForSerialOnly, turn, TimeProvider.System, cancellationToken).ConfigureAwait(false);
                tokens.Add(token.Info);
            }
            catch (TokenException problem)
            {
                tokens.Add(new TokenInfo(reader.Path, Problem: problem));
            }
        }

        return tokens;
    }

    /// <inheritdoc/>
    public async Task<IToken> OpenAsync(TokenInfo token, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        IReadOnlyList<ISmartCardDevice> readers = await Task.Run(YubicoDevice.Find, cancellationToken).ConfigureAwait(false);
        ISmartCardDevice reader = readers.FirstOrDefault(reader => reader.Path == token.Reader)
            ?? throw new CardChannelException(CardFault.NoCard, "The YubiKey is not there any more.", "Plug it in again.");
        var turn = new CardTurn(token.Reader, locked: true) { Patience = Patience };
        turn.Changed += TellWhileOpening;
        YubicoToken open = await YubicoToken.OpenAsync(reader, DeviceQuestion.Ask, turn, Clock, cancellationToken).ConfigureAwait(false);
        turn.Changed -= TellWhileOpening;
        return open;

        void TellWhileOpening(CardBusyEventArgs change) => BusyChanged?.Invoke(this, change);
    }

    /// <inheritdoc/>
    /// <remarks>Who comes and goes is the smart card service's to tell: the SDK's own listener opens each YubiKey that comes, and says nothing of a service that is gone.</remarks>
    public IAsyncEnumerable<TokenArrival> WatchAsync(CancellationToken cancellationToken = default) => new PcscTokenDriver().WatchAsync(cancellationToken);
}
