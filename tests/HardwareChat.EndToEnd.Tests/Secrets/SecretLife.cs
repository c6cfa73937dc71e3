using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using HardwareChat.Client;
using HardwareChat.Mls;
using HardwareChat.Protocol;
using HardwareChat.Tokens;
using HardwareChat.Tokens.Piv;
using HardwareChat.Tokens.Simulator;
using NSec.Cryptography;

namespace HardwareChat.EndToEnd.Tests.Secrets;

/// <summary>A process in which bob lives a short life with planted secrets; <see cref="SecretHuntTests"/> starts it, and looks into it.</summary>
public static class SecretLife
{
    public const string FolderVariable = "HARDWARECHAT_SECRET_LIFE";
    public const byte Mask = 0xA5;

    private static string _folder = "";

    [Fact(Explicit = true)]
    public static async Task Lives_with_planted_secrets()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is not string folder)
        {
            Assert.Skip("started by another test, with a folder");
            return;
        }

        _folder = folder;
        await LiveAsync();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        await ShowAsync("closed");
    }

    /// <summary>Puts a file into the folder, whole.</summary>
    internal static void Put(string folder, string name, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(Path.Combine(folder, name + ".new"), bytes);
        File.Move(Path.Combine(folder, name + ".new"), Path.Combine(folder, name));
    }

    private static async Task LiveAsync()
    {
        var cards = new SimulatedCardStore(await File.ReadAllTextAsync(Path.Combine(_folder, "tokens")));
        using InviteLink invite = InviteLink.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "invite")));
        await using Person bob = await Person.CreateAsync("bob", cards, _folder);
        await bob.ChangePinAsync(() => ReadPin("pin"));
        Note(await Assert.ThrowsAsync<PinIncorrectException>(() => bob.VerifyAsync(ReadPin("wrong-pin"))));
        await bob.EnrolAsync(invite);

        RoomId room = new(new Digest(Convert.FromHexString(await File.ReadAllTextAsync(Path.Combine(_folder, "room")))));
        char[] phrase = ReadPhrase();
        Note(await Assert.ThrowsAsync<RoomException>(() => bob.Client.JoinAsync(room)));
        Assert.True(await bob.Client.JoinAsync(room, phrase));
        Array.Clear(phrase);
        await bob.SayAsync(room, await File.ReadAllTextAsync(Path.Combine(_folder, "said")));
        Note(await Assert.ThrowsAsync<RoomException>(() => bob.Client.RemoveAsync(room, Handle.Parse("carol"))));
        TellKeys(bob.Client);
        await ShowAsync("living");
    }

    // What the harness shall look for besides what it planted: masked, so that the telling leaves nothing to be found.
    private static void TellKeys(ChatClient client)
    {
        var session = (Session)Field(client, "_session");
        using (Secret key = ((SignaturePrivateKey)session.Signer).Export())
            Tell("session-key", key.Span);
        byte[] channel = GC.AllocateArray<byte>(32, pinned: true);
        Assert.True(session.ChannelKey!.TryExport(KeyBlobFormat.RawPrivateKey, channel, out _));
        Tell("channel-key", channel);
        CryptographicOperations.ZeroMemory(channel);
        object keys = Field(Field(client, "_vault"), "_keys");
        var root = (Secret)keys.GetType().GetProperty("Root")!.GetValue(keys)!;
        Tell("vault-key", root.Span);
    }

    private static object Field(object owner, string name)
        => owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(owner)
            ?? throw new InvalidOperationException($"{owner.GetType().Name} has no {name}: the harness looks for nothing");

    private static void Tell(string name, ReadOnlySpan<byte> secret)
    {
        byte[] masked = new byte[secret.Length];
        for (int i = 0; i < masked.Length; i++)
            masked[i] = (byte)(secret[i] ^ Mask);
        Put(_folder, name, masked);
    }

    // Waits while the harness looks.
    private static async Task ShowAsync(string stage)
    {
        Put(_folder, stage, []);
        while (!File.Exists(Path.Combine(_folder, $"{stage}-seen")))
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    private static void Note(Exception exception) => File.AppendAllText(Path.Combine(_folder, "exceptions"), exception + "\n");

    private static Pin ReadPin(string name)
    {
        Span<byte> pin = stackalloc byte[Pin.MaxLength];
        int length = ReadFile(name, pin);
        var read = Pin.Create(pin[..length]);
        CryptographicOperations.ZeroMemory(pin);
        return read;
    }

    private static char[] ReadPhrase()
    {
        Span<byte> bytes = stackalloc byte[256];
        int length = ReadFile("phrase", bytes);
        char[] phrase = GC.AllocateArray<char>(length, pinned: true);
        Encoding.ASCII.GetChars(bytes[..length], phrase);
        CryptographicOperations.ZeroMemory(bytes);
        return phrase;
    }

    private static int ReadFile(string name, Span<byte> bytes)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(Path.Combine(_folder, name));
        return RandomAccess.Read(file, bytes, 0);
    }
}
