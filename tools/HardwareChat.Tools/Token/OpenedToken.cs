using HardwareChat.Client;
using HardwareChat.Tokens;

namespace HardwareChat.Tools;

/// <summary>The token that a verb works with: the face, its name for the person, and the lines about touches.</summary>
internal sealed class OpenedToken : IAsyncDisposable
{
    private readonly Screen _screen;
    private readonly IAsyncDisposable? _beneath;
    private readonly PersonTouch? _touch;
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _interruption;
    private volatile bool _waits;

    /// <summary>Takes the token over.</summary>
    /// <param name="screen">Where the lines about touches go.</param>
    /// <param name="face">Disposed with this object.</param>
    /// <param name="name">As --token would name it.</param>
    /// <param name="touch">The touches of a simulated token, or null.</param>
    /// <param name="beneath">What the face rests on, disposed after it, or null.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    public OpenedToken(Screen screen, IToken face, string name, PersonTouch? touch, IAsyncDisposable? beneath, CancellationToken cancellation)
    {
        _screen = screen;
        Face = face;
        Name = name;
        _touch = touch;
        _beneath = beneath;
        _cancellation = cancellation;
        Face.TouchChanged += OnTouchChanged;
        _interruption = cancellation.Register(OnInterrupted);
    }

    public IToken Face { get; }

    public TokenInfo Info => Face.Info;

    /// <summary>As --token would name it.</summary>
    public string Name { get; }

    /// <summary>What the person calls it, with the serial number.</summary>
    public string Spoken => Called is { } called ? $"{called} (serial {Info.Serial})" : Name;

    /// <summary>The same, with a word against the most common mistake.</summary>
    public string SpokenForPin => Called is { } called ? $"{called} (serial {Info.Serial}, not the FIDO PIN)" : $"{Name} (not the FIDO PIN)";

    // Its nickname, or what else names it better than its serial number does.
    private string? Called => Info.Serial is null ? null : Nicknames.Of(Info.Serial) ?? (Name.StartsWith("serial:", StringComparison.Ordinal) ? null : Name);

    public bool IsSimulated => _touch is not null;

    /// <summary>What the next touch is for: "to sign notes.txt".</summary>
    public string Purpose { get; set; } = "";

    /// <summary>Does what may need a touch, and at a terminal offers to do it again where none came.</summary>
    public async Task<T> WithTouchAsync<T>(string purpose, Func<Task<T>> operation)
    {
        Purpose = purpose;
        while (true)
        {
            try
            {
                return await operation();
            }
            catch (TouchTimedOutException) when (_touch is { WasGivenUp: true } && !_cancellation.IsCancellationRequested)
            {
                throw new FailureException(ExitCode.NoTouch, "touch-given-up", "you gave up the touch; nothing was signed.");
            }
            catch (TouchTimedOutException) when (Screen.HasPerson && !_cancellation.IsCancellationRequested)
            {
                _screen.Ask("r tries again, q gives up: ");
                char answer = ' ';
                await TerminalInput.WatchKeysAsync(key => (answer = char.ToLowerInvariant(key)) is not ('r' or 'q'), _cancellation);
                Screen.Write("\n");
                if (answer != 'r')
                    throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _interruption.DisposeAsync();
        Face.TouchChanged -= OnTouchChanged;
        await Face.DisposeAsync();
        if (_beneath is not null)
            await _beneath.DisposeAsync();
        _touch?.Dispose();
    }

    private void OnTouchChanged(object? sender, TouchEventArgs change)
    {
        _waits = change.State == TouchState.Wanted;
        switch (change.State)
        {
            case TouchState.Wanted:
                string sure = change.IsCertain ? $"Touch {Spoken} now" : $"If {Spoken} blinks, touch it now";
                _screen.Note($"{sure}, {Purpose} with the key in {change.Slot}. It waits about {TouchEventArgs.Patience.TotalSeconds:0} seconds.");
                break;
            case TouchState.Touched:
                _screen.Note("Touched.");
                break;
            case TouchState.TimedOut:
                _screen.Note("No touch came.");
                break;
            default:
                break;
        }
    }

    // A simulated card stops waiting at once. A real one cannot be told to: the run ends when it has answered.
    private void OnInterrupted()
    {
        _touch?.GiveUp();
        if (_waits && _touch is null)
            _screen.Note("Waiting until the token has given up its wait for the touch; Ctrl-C again leaves at once.");
    }
}
