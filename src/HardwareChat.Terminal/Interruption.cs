using System.Runtime.InteropServices;

namespace HardwareChat.Terminal;

/// <summary>The signals that end the program. The first asks, so that terminal and files are left in order; the second ends the process as the system does.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Listens from now on.</summary>
    public Interruption() => _registrations = [Register(PosixSignal.SIGINT), Register(PosixSignal.SIGTERM), Register(PosixSignal.SIGHUP), Register(PosixSignal.SIGQUIT)];

    /// <summary>Set by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Is asked first about Ctrl-C: true if something smaller than the program was given up by it.</summary>
    public Func<bool>? GivesUp { get; set; }

    /// <summary>Is called when the program ends at once: leaves what must not stay as it is.</summary>
    public Action? Ending { get; set; }

    /// <summary>Ends the program as a first signal does.</summary>
    public void Interrupt() => _source.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        if (signal == PosixSignal.SIGINT && GivesUp?.Invoke() == true)
        {
            context.Cancel = true;
            return;
        }
        context.Cancel = !_source.IsCancellationRequested;
        if (context.Cancel)
            _source.Cancel();
        else
            Ending?.Invoke();
    });
}
