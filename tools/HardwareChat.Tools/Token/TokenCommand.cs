using System.CommandLine;

namespace HardwareChat.Tools;

/// <summary>token: the verbs for a token, real or simulated.</summary>
internal static class TokenCommand
{
    public static Command Create()
    {
        var command = new Command("token", $"""
            Set up a token, look at it, sign with it.

            {ExitCodes.Help}
            """)
        {
            TokenListCommand.Create(),
            TokenInfoCommand.Create(),
            TokenDoctorCommand.Create(),
            TokenInitCommand.Create(),
            TokenAttestCommand.Create(),
            TokenSignCommand.Create(),
            TokenVerifyCommand.Create(),
            TokenPinCommand.Create(),
            TokenManagementKeyCommand.Create(),
            TokenNameCommand.Create(),
            TokenTestTouchCommand.Create(),
            TokenResetCommand.Create(),
        };
        TokenOptions.AddTo(command);
        return command;
    }
}
