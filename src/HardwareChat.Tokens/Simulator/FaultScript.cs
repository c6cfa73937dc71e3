namespace HardwareChat.Tokens.Simulator;

/// <summary>Faults that a test switches on: what goes wrong with which command, counted from 1.</summary>
/// <remarks>A fault strikes once, in place of the command; only a delay lets the command be done.</remarks>
public sealed class FaultScript
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Fault> _faults = [];
    private int _count;

    /// <summary>Commands that the card has received, GET RESPONSE and parts of chains included.</summary>
    public int CommandsReceived
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>The number that the next command will have.</summary>
    public int Next => CommandsReceived + 1;

    /// <summary>The card is pulled out instead of answering.</summary>
    public void RemoveAt(int command) => Add(command, new Fault.Remove());

    /// <summary>The card loses power and has it again, instead of answering.</summary>
    public void ResetAt(int command) => Add(command, new Fault.Reset());

    /// <summary>The card gives no answer, as after a time-out of its reader.</summary>
    public void TimeOutAt(int command) => Add(command, new Fault.TimeOut());

    /// <summary>The card answers these bytes, whatever they are, and does not do what was asked.</summary>
    public void AnswerAt(int command, ReadOnlySpan<byte> bytes) => Add(command, new Fault.Answer(bytes.ToArray()));

    /// <summary>The card does as asked, but only after a while.</summary>
    public void DelayAt(int command, TimeSpan delay) => Add(command, new Fault.Delay(delay));

    internal Fault? Take()
    {
        lock (_gate)
        {
            _count++;
            return _faults.Remove(_count, out Fault? fault) ? fault : null;
        }
    }

    private void Add(int command, Fault fault)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(command, _count);
            _faults[command] = fault;
        }
    }

    internal abstract record Fault
    {
        public sealed record Remove : Fault;

        public sealed record Reset : Fault;

        public sealed record TimeOut : Fault;

        public sealed record Answer(byte[] Bytes) : Fault;

        public sealed record Delay(TimeSpan Span) : Fault;
    }
}
