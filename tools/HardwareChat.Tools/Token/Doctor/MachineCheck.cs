namespace HardwareChat.Tools;

/// <summary>What around the smart-card service bears on tokens: where this program runs, what is on the bus, GnuPG.</summary>
internal static class MachineCheck
{
    public static void Run(Findings findings)
    {
        if (Machine.IsWsl)
            findings.Note("machine", "wsl", "this is WSL, which sees no USB device by itself.", "use the Windows build, or: usbipd attach --wsl --busid ID, then restart pcscd");
        if (Machine.IsContainer)
            findings.Note("machine", "container", "this is a container.", $"pass {SmartCardService.SocketPath} into it, or the USB device");
        if (Machine.IsSsh)
            findings.Note("machine", "ssh", "this is a session over SSH: the token must be in this machine, not in yours, and polkit counts you as not local.");
        if (Machine.YubiKeysOnUsb() is { } keys)
        {
            if (keys > 0)
                findings.Ok("usb", $"{keys} YubiKey(s) on the USB bus.");
            else
                findings.Note("usb", "usb-none", "no YubiKey on the USB bus.", "plug it in; try another port, without a hub");
        }
        if (Machine.SmartCardDaemon() is { } daemon)
            findings.Note("gnupg", "scdaemon-runs", $"GnuPG's scdaemon runs (process {daemon}); it keeps a token that it has used.", "when it holds the token: gpgconf --kill scdaemon");
        if (Machine.GpgLeavesReaders() == false)
            findings.Note("gnupg", "scdaemon-ccid", "GnuPG's scdaemon may talk to readers behind pcscd's back.", "add the line disable-ccid to scdaemon.conf in ~/.gnupg");
    }
}
