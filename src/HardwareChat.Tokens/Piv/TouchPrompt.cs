using HardwareChat.Attestation;

namespace HardwareChat.Tokens.Piv;

/// <summary>Tells that a touch is wanted, around each command that waits for one, and what became of it.</summary>
/// <remarks>
/// A key of policy "cached" wants no touch for 15 s after one. We learn of that touch a little late, so the last second of those is
/// told as uncertain: a prompt that passes by is better than a token that blinks for nobody.
/// </remarks>
internal sealed class TouchPrompt(TimeProvider clock)
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    private long? _lastCachedTouch;

    public event Action<TouchEventArgs>? Changed;

    /// <summary>Whether anybody wants to know; if not, the card need not be asked for policies.</summary>
    public bool IsHeard => Changed is not null;

    /// <summary>Begins the wait for what the key's policy wants; <see langword="null"/> if the card does not tell it.</summary>
    public Wait Begin(PivSlot slot, TouchPolicy? policy)
    {
        bool? wanted = policy switch
        {
            TouchPolicy.Never or TouchPolicy.Default => false,
            TouchPolicy.Always => true,
            TouchPolicy.Cached => IsOver(),
            _ => null,
        };
        var wait = new Wait(this, slot, policy == TouchPolicy.Cached, isPrompted: wanted != false, isCertain: wanted == true);
        wait.Begin();
        return wait;
    }

    /// <summary>The card lost power, and with it the touch that it remembered.</summary>
    public void Forget() => _lastCachedTouch = null;

    private bool? IsOver()
    {
        if (_lastCachedTouch is not { } last)
            return true;
        TimeSpan age = clock.GetElapsedTime(last);
        return age >= TouchEventArgs.Patience ? true : age >= TouchEventArgs.Patience - Margin ? null : false;
    }

    /// <summary>One wait. Disposed before anything was said of its outcome, it was abandoned.</summary>
    public sealed class Wait(TouchPrompt prompt, PivSlot slot, bool isCached, bool isPrompted, bool isCertain) : IDisposable
    {
        private readonly long _start = prompt.Clock.GetTimestamp();
        private bool _ended = !isPrompted;

        /// <summary>How long the card has been waiting.</summary>
        public TimeSpan Elapsed => prompt.Clock.GetElapsedTime(_start);

        public void Begin()
        {
            if (isPrompted)
                Tell(TouchState.Wanted);
        }

        /// <summary>The command succeeded.</summary>
        public void Touched()
        {
            if (isCached && isPrompted)
                prompt._lastCachedTouch = prompt.Clock.GetTimestamp();
            End(TouchState.Touched);
        }

        /// <summary>The card gave up waiting.</summary>
        public void TimedOut() => End(TouchState.TimedOut);

        public void Dispose() => End(TouchState.Abandoned);

        private void End(TouchState state)
        {
            if (_ended)
                return;
            _ended = true;
            Tell(state);
        }

        private void Tell(TouchState state) => prompt.Changed?.Invoke(new TouchEventArgs(slot, state, isCertain));
    }

    private TimeProvider Clock => clock;
}
