using System.Runtime.CompilerServices;
using HardwareChat.Mls;
using HardwareChat.Protocol;

namespace HardwareChat.Client.Tests;

/// <summary>Writes valid encodings of what is kept of sessions and rooms: where fuzzing starts.</summary>
public sealed class RoomCorpusWriter
{
    [Fact(Explicit = true)]
    public void Write_the_fuzz_corpus()
    {
        using var world = new TestRoom();
        Device bob = world.Join("bob");
        world.Alice.Room.Update(world.Alice.Session, world.Alice.Belief);
        Write("Room", "pending", world.Alice.Room.Save());
        Write("Room", "joined", bob.Room.Save());
        using SessionDraft draft = new(
            world.Community.State.Token(bob.Token.Id)!, world.Community.State, new SessionWish(new RelayId(default), [world.Id], 1), world.Time);
        using Session session = draft.Complete(bob.Token.Sign(draft.SigningInput()));
        Write("Session", "channel", session.Save());
        Write("Session", "room", world.Alice.Session.Save());
    }

    private static void Write(string target, string name, Secret bytes, [CallerFilePath] string source = "")
    {
        using Secret owned = bytes;
        string folder = Path.Combine(Path.GetDirectoryName(source)!, "../../../HardwareChat.Fuzz/corpus", $"Client.{target}");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, $"{name}.bin"), owned.Span);
    }
}
