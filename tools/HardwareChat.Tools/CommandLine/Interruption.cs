using System.Runtime.InteropServices;

namespace HardwareChat.Tools;

// A card that is at work cannot be interrupted: ended in mid-APDU, it leaves the reader to the next program in an unknown
// state. So the first Ctrl-C asks, and the run ends when the card has answered; the second one ends it at once.

/// <summary>Ctrl-C, SIGTERM and SIGHUP as a cancellation.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    public Interruption()
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            TerminalInput.Restore();
            Environment.Exit((int)ExitCode.Interrupted);
        }
        context.Cancel = true;
        _source.Cancel();
    }
}
