using System.Globalization;

namespace HardwareChat.Tokens.Pcsc;

/// <summary>Turns the codes of PC/SC into faults, each with its own words.</summary>
internal static class PcscFault
{
    public const uint Cancelled = 0x80100002;
    public const uint InsufficientBuffer = 0x80100008;
    public const uint SharingViolation = 0x8010000B;
    public const uint SecurityViolation = 0x8010006A;
    public const uint CardUnresponsive = 0x80100066;
    public const uint Timeout = 0x8010000A;
    public const uint NoReadersAvailable = 0x8010002E;
    public const uint ServiceStopped = 0x8010001E;
    public const uint NoService = 0x8010001D;

    private const int LongestName = 128;

    /// <summary>The exception for <paramref name="code"/>.</summary>
    public static CardChannelException From(uint code, string reader = "") => code switch
    {
        0x80100069 or 0x80100017 or 0x80100009 => new(CardFault.Removed, "The token was taken out.", "Plug it in again and repeat what you did.", code),
        0x80100068 or 0x80100067 or 0x80100016 => new(CardFault.Reset, "Another program reset the token, or it lost power.", "Give the PIN again.", code),
        SharingViolation => new(CardFault.Busy, "The token is in use by another program.", "Wait until it is done.", code),
        0x8010000C => new(CardFault.NoCard, $"There is no card in {Named(reader)}.", "Plug the token in.", code),
        NoReadersAvailable => new(CardFault.NoReader, "There is no card reader and no token.", "Plug the token in. In a container or WSL, pass the USB device through first.", code),
        NoService or ServiceStopped => new(
            CardFault.ServiceNotRunning,
            "The smart card service is not running.",
            OperatingSystem.IsWindows() ? "Plug a token in: Windows starts the service then. Otherwise start the service \"Smart Card\"." : "Start it: systemctl start pcscd.socket",
            code),
        SecurityViolation or 0x80100027 => new(
            CardFault.NotAuthorised,
            "The smart card service refuses this user.",
            "Over SSH or as a service user, polkit must allow the actions org.debian.pcsc-lite.access_pcsc and org.debian.pcsc-lite.access_card.",
            code),
        // pcsc-lite hangs up on whom polkit does not let at the card.
        0x80100013 => new(
            CardFault.NotAuthorised,
            "The smart card service hung up on this program.",
            "See why with: journalctl -u pcscd. If it rejected an unauthorized client, polkit must allow this user org.debian.pcsc-lite.access_card; otherwise it has just ended.",
            code),
        CardUnresponsive or 0x80100015 or 0x8010002F or Timeout => new(
            CardFault.NotResponding, "The token does not answer.", "Unplug it and plug it in again.", code),
        _ => new(CardFault.Other, $"The smart card service failed (code {code:X8}).", "Unplug the token and plug it in again; then restart the smart card service.", code),
    };

    /// <summary>The system has no PC/SC library.</summary>
    public static CardChannelException NotInstalled()
        => new(CardFault.NotInstalled, "The PC/SC library is not installed.", "On Debian and Ubuntu: apt install pcscd libpcsclite1");

    // A reader's name is the reader's own say: nothing in it may steer a terminal or turn the sentence around.
    private static string Named(string reader)
        => reader.Length == 0 ? "the reader" : $"reader \"{string.Concat(reader.Take(LongestName).Select(letter => IsPlain(letter) ? letter : '?'))}\"";

    private static bool IsPlain(char letter)
        => char.GetUnicodeCategory(letter) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);
}
