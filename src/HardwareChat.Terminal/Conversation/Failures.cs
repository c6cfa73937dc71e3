using HardwareChat.Client;
using HardwareChat.Client.Attachments;
using HardwareChat.Mls;
using HardwareChat.Terminal.Programs;
using HardwareChat.Tokens;
using HardwareChat.Wire;

namespace HardwareChat.Terminal.Conversation;

/// <summary>A command that cannot be done as it was written.</summary>
internal sealed class CommandException(string message) : Exception(message);

/// <summary>Failures that are expected, in words for a person. All others are defects, and end the program.</summary>
internal static class Failures
{
    /// <summary>Whether the failure is one that a person is told, and life goes on.</summary>
    public static bool IsExpected(Exception failure) => failure
        is CommandException or ProgramException or RoomException or ConnectionException or RelayException or CommunityException or VaultException or AttachmentException
        or TokenException or OperationCanceledException or DecodeException or ValidationException or RoomRuleException or NotInLogException
        or IOException or UnauthorizedAccessException;

    /// <summary>What to tell.</summary>
    public static string TextOf(Exception failure) => failure switch
    {
        TouchTimedOutException => "no touch came, so nothing was signed; try again when you are ready",
        OperationCanceledException => "given up; nothing was signed",
        ProgramException { Hint.Length: > 0 } program => $"{program.Message}. {program.Hint}",
        TokenException { Hint.Length: > 0 } token => $"{token.Message} {token.Hint}",
        DecodeException => "what the relay gave is malformed; nothing was done",
        ValidationException rule => $"what the relay gave breaks a rule of MLS ({rule.Rule}); nothing was done",
        RoomRuleException rule => $"the rules of the room do not allow it ({rule.Fault}); nothing was done",
        _ => failure.Message,
    };
}
