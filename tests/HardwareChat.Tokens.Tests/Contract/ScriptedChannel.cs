namespace HardwareChat.Tokens.Tests.Contract;

/// <summary>A card that answers by a list: each step names the command that must come (its beginning, in hex) and what happens then.</summary>
public sealed class ScriptedChannel : ICardChannel
{
    private readonly Queue<(string Command, Func<byte[]> Answer)> _steps = new();

    public string ReaderName => "scripted reader";

    public ReadOnlyMemory<byte> Atr => new byte[] { 0x3B };

    public bool TakesExtendedLength { get; init; }

    public int Reconnections { get; private set; }

    public int OpenTransactions { get; private set; }

    public int Left => _steps.Count;

    public bool IsDisposed { get; private set; }

    public CardFault? TransactionFault { get; set; }

    /// <summary>A YubiKey of firmware 5.4.3, as far as opening it goes: PIV already selected, serial 1, no management application.</summary>
    public static ScriptedChannel YubiKey(string version = "050403", bool takesExtendedLength = false) => new ScriptedChannel { TakesExtendedLength = takesExtendedLength }
        .On("00200080", "63C3")
        .On("00FD0000", version + "9000")
        .On("00F80000", "000000019000");

    public ScriptedChannel On(string command, string answer) => Do(command, () => Convert.FromHexString(answer));

    public ScriptedChannel Fault(string command, CardFault fault) => Do(command, () => throw Make(fault));

    public int Transmit(ReadOnlySpan<byte> command, Span<byte> response)
    {
        string hex = Convert.ToHexString(command);
        Assert.True(_steps.TryDequeue(out (string Command, Func<byte[]> Answer) step), $"unexpected command {hex}");
        Assert.StartsWith(step.Command, hex, StringComparison.Ordinal);
        byte[] answer = step.Answer();
        answer.CopyTo(response);
        return answer.Length;
    }

    public IDisposable BeginTransaction()
    {
        if (TransactionFault is { } fault)
        {
            TransactionFault = null;
            throw Make(fault);
        }

        OpenTransactions++;
        return new Held(this);
    }

    public void Reconnect() => Reconnections++;

    public void Dispose() => IsDisposed = true;

    private static CardChannelException Make(CardFault fault) => new(fault, "scripted", "scripted");

    private ScriptedChannel Do(string command, Func<byte[]> answer)
    {
        _steps.Enqueue((command, answer));
        return this;
    }

    private sealed class Held(ScriptedChannel channel) : IDisposable
    {
        public void Dispose() => channel.OpenTransactions--;
    }
}
