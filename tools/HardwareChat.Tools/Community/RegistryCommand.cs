using System.CommandLine;

namespace HardwareChat.Tools;

/// <summary>registry: the community's list of who is who.</summary>
internal static class RegistryCommand
{
    public static Command Create() => new("registry", "The community's list of who is who.")
    {
        RegistryInitCommand.Create(),
        RegistryShowCommand.Create(),
        RegistryVerifyCommand.Create(),
        RegistryAuditCommand.Create(),
        RegistryExportCommand.Create(),
    };
}
