using HardwareChat.Protocol;

namespace HardwareChat.Terminal.Conversation;

/// <summary>Commands about the client itself.</summary>
internal static class DeskCommands
{
    /// <summary>The commands.</summary>
    public static IReadOnlyList<SlashCommand> All { get; } =
    [
        new("status", "", "Shows the connection, the registry that was verified, and your token.", Status),
        new("connect", "", "Connects again.", static (desk, _) => desk.ConnectAsync()),
        new("renew", "", "Goes on under a new touch, in the connection and in every room, before the last one is over.", Renew),
        new("receipts", "on|off", "Tells others which of their messages you have read, or no longer; off at first.", Receipts),
        new("quit", "", "Ends the program.", Quit) { Alias = "exit" },
    ];

    private static Task Status(Desk desk, CommandText text)
    {
        RegistryState registry = desk.Client.Registry;
        desk.Tell(
            $"You are {desk.Own}, with token {desk.Client.Token.ToString()[..16]}.",
            $"Connection: {desk.LinkText}",
            $"Touch: {(desk.Client.SessionEnd is { } end ? $"over {MessageLines.When((ulong)end.ToUnixTimeSeconds())}" : "none yet")}",
            $"Registry: {registry.Size} statements, each verified; root {registry.Root.ToString()[..16]}",
            $"Relay: {RelayId.OfKey(registry.RelayKey.ToArray()).ToString()[..16]}",
            $"Receipts: {(desk.TellsWhatWasRead ? "on" : "off")}");
        return Task.CompletedTask;
    }

    private static async Task Renew(Desk desk, CommandText text)
    {
        await desk.Client.RenewAsync();
        if (desk.Client.SessionEnd is { } end)
            desk.Tell($"Renewed; the next touch is wanted {MessageLines.When((ulong)end.ToUnixTimeSeconds())}.");
    }

    private static Task Receipts(Desk desk, CommandText text)
    {
        desk.ChooseReceipts(text.Word() switch { "on" => true, "off" => false, _ => throw new CommandException("on or off?") });
        desk.Tell(desk.TellsWhatWasRead ? "Others see which of their messages you have read." : "Nobody is told what you have read.");
        return Task.CompletedTask;
    }

    private static Task Quit(Desk desk, CommandText text)
    {
        desk.Leave();
        return Task.CompletedTask;
    }
}
