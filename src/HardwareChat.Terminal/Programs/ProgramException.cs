using HardwareChat.Client;
using HardwareChat.Client.Attachments;
using HardwareChat.Client.Text;
using HardwareChat.Mls;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using HardwareChat.Wire;

namespace HardwareChat.Terminal.Programs;

/// <summary>Something was not done, for a reason that a program can branch on and a person can read.</summary>
internal class ProgramException(FailureCode code, string message, string hint = "", Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The reason.</summary>
    public FailureCode Code { get; } = code;

    /// <summary>What to do next; empty where there is nothing to say.</summary>
    public string Hint { get; } = hint;

    /// <summary>How long to wait; zero where that is not known.</summary>
    public TimeSpan After { get; init; }

    /// <summary>The failure that an exception is. One that nobody foresaw is a defect.</summary>
    public static ProgramException Of(Exception thrown) => thrown switch
    {
        ProgramException known => known,
        TouchTimedOutException => New(FailureCode.NoTouch, "no touch came; nothing was signed", "touch the token while it blinks", thrown),
        OperationCanceledException => New(FailureCode.GivenUp, "given up; nothing was signed", "", thrown),
        CardChannelException card => New(CodeOf(card.Fault), card.Message, card.Hint, thrown),
        SimulatedCardException card => New(card.Fault switch
        {
            SimulatedCardFault.NotFound => FailureCode.NoToken,
            SimulatedCardFault.InUse => FailureCode.TokenBusy,
            _ => FailureCode.TokenTrouble,
        }, card.Message, card.Hint, thrown),
        PinIncorrectException or PinRequiredException => New(FailureCode.PinNotRight, thrown.Message, ((TokenException)thrown).Hint, thrown),
        PinBlockedException blocked => New(FailureCode.PinBlocked, blocked.Message, "hwchat-tools token pin unblock sets a new one by the PUK", thrown),
        TokenException token => New(FailureCode.TokenTrouble, token.Message, token.Hint, thrown),
        VaultException vault => Of(vault),
        ConnectionException { Fault: ConnectionFault.NotTheRelay or ConnectionFault.Broken } => New(FailureCode.NotTrusted, thrown.Message, "nothing was told to it; ask your admin whether the relay's key was changed", thrown),
        ConnectionException offline => New(FailureCode.Offline, offline.Message, "see that the relay runs, and that this machine reaches its address", thrown),
        RelayException { Code: Protocol.ErrorCode.Busy } busy => new ProgramException(FailureCode.RelayBusy, Sentence(busy.Message), "", thrown) { After = busy.RetryAfter },
        RelayException refused => New(FailureCode.RelayRefused, refused.Message, "", thrown),
        CommunityException => New(FailureCode.NotTrusted, thrown.Message, "", thrown),
        NotInLogException => New(FailureCode.NotTrusted, thrown.Message, "", thrown),
        RoomRuleException or RoomException { InnerException: RoomRuleException } => New(FailureCode.RoomRefused, Failures.TextOf(thrown), "", thrown),
        NotSentException => New(FailureCode.MessageRefused, thrown.Message, "", thrown),
        RoomException => New(FailureCode.RoomNotNow, thrown.Message, "", thrown),
        DecodeException or ValidationException => New(FailureCode.NotTrusted, Failures.TextOf(thrown), "", thrown),
        CommandException => New(FailureCode.BadValue, thrown.Message, "", thrown),
        AttachmentException or IOException or UnauthorizedAccessException => New(FailureCode.File, thrown.Message, "", thrown),
        _ => New(FailureCode.Defect, $"this is a defect of hwchat ({thrown.GetType().Name})", "run it again with HWCHAT_DEBUG=1, and send what it prints as CONTRIBUTING.md says; it prints no secrets", thrown),
    };

    /// <summary>The lines for a person: "error:" and, where something can be done, "hint:".</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"error: {HarmlessText.Line(Message)}";
        if (Hint.Length > 0)
            yield return $"hint: {HarmlessText.Line(Hint)}";
    }

    private static ProgramException New(FailureCode code, string message, string hint, Exception cause) => new(code, Sentence(message), hint, cause);

    private static string Sentence(string message) => message.TrimEnd('.');

    private static ProgramException Of(VaultException vault) => vault.Fault switch
    {
        VaultFault.Missing => New(FailureCode.VaultMissing, vault.Message, "hwchat-tools enrol makes one; --vault FILE names another", vault),
        VaultFault.InUse => New(FailureCode.VaultInUse, vault.Message, "end the other hwchat first, or let it do this; --vault FILE names another vault", vault),
        VaultFault.Disk => New(FailureCode.VaultDisk, vault.Message, "", vault),
        VaultFault.WrongKey => New(FailureCode.NoToken, vault.Message, "", vault),
        _ => New(FailureCode.VaultUnusable, vault.Message, "", vault),
    };

    private static FailureCode CodeOf(CardFault fault) => fault switch
    {
        CardFault.NotInstalled or CardFault.ServiceNotRunning or CardFault.NotAuthorised => FailureCode.NoService,
        CardFault.NoReader or CardFault.NoCard or CardFault.Removed => FailureCode.NoToken,
        CardFault.Busy or CardFault.Reset => FailureCode.TokenBusy,
        _ => FailureCode.TokenTrouble,
    };
}
