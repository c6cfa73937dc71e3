using System.Runtime.InteropServices;

namespace HardwareChat.Tools.Tests;

/// <summary>Another program that has a card for itself, as GnuPG's scdaemon does: connected exclusively.</summary>
internal sealed partial class CardHolder : IDisposable
{
    private const nuint ScopeSystem = 2;
    private const nuint ShareExclusive = 1;
    private const nuint AnyProtocol = 3;
    private const nuint LeaveCard = 0;

    private readonly nuint _context;
    private readonly nuint _card;

    private CardHolder(nuint context, nuint card) => (_context, _card) = (context, card);

    public static CardHolder Take(string reader)
    {
        Assert.Equal(0, EstablishContext(ScopeSystem, 0, 0, out nuint context));
        Assert.Equal(0, Connect(context, reader, ShareExclusive, AnyProtocol, out nuint card, out _));
        return new CardHolder(context, card);
    }

    public void Dispose()
    {
        Assert.Equal(0, Disconnect(_card, LeaveCard));
        Assert.Equal(0, ReleaseContext(_context));
    }

    [LibraryImport("libpcsclite.so.1", EntryPoint = "SCardEstablishContext")]
    private static partial nint EstablishContext(nuint scope, nint reserved1, nint reserved2, out nuint context);

    [LibraryImport("libpcsclite.so.1", EntryPoint = "SCardConnect", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Connect(nuint context, string reader, nuint share, nuint protocols, out nuint card, out nuint protocol);

    [LibraryImport("libpcsclite.so.1", EntryPoint = "SCardDisconnect")]
    private static partial nint Disconnect(nuint card, nuint disposition);

    [LibraryImport("libpcsclite.so.1", EntryPoint = "SCardReleaseContext")]
    private static partial nint ReleaseContext(nuint context);
}
