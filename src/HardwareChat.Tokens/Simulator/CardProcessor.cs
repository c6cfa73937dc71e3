using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Simulator.Applications;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Simulator;

/// <summary>The card's operating system: selects applications, undoes chaining, and gives long answers in pieces.</summary>
/// <remarks>Any bytes in give a response with a status word; nothing is thrown for them.</remarks>
internal sealed class CardProcessor(CardContext card)
{
    private const byte Select = 0xA4;
    private const byte SelectByName = 0x04;
    private const byte GetResponse = 0xC0;
    private const int ShortestAid = 5;

    private readonly CommandAssembly _assembly = new();
    private readonly CardApplication[] _applications =
        [new PivApplication(card), new ManagementApplication(card.State), new OtpApplication(card.State)];

    private CardApplication? _selected;
    private byte[] _rest = [];

    /// <summary>Answers one command APDU.</summary>
    public byte[] Process(ReadOnlySpan<byte> apdu)
    {
        try
        {
            return Process(CommandApdu.Parse(apdu));
        }
        catch (DecodeException)
        {
            return Encode([], StatusWord.WrongLength);
        }
    }

    /// <summary>Forgets what a loss of power makes a card forget.</summary>
    public void PowerCycle()
    {
        _assembly.Clear();
        _selected = null;
        _rest = [];
        card.Session.Clear();
        card.Touch.Forget();
    }

    private byte[] Process(in CommandApdu part)
    {
        if ((part.Cla & ~CommandApdu.ChainingBit) != 0)
            return Encode([], StatusWord.ClassNotSupported);
        if (part.Ins == GetResponse && !part.IsChained)
            return Continue(part);
        _rest = [];
        if (!_assembly.TryAdd(part))
            return Encode([], StatusWord.WrongLength);
        if (part.IsChained)
            return Encode([], StatusWord.Success);
        CardAnswer answer = Dispatch(new CommandApdu(part.Cla, part.Ins, part.P1, part.P2, _assembly.Data, part.Expected, part.IsExtended));
        _assembly.Clear();
        return Piece(answer, part);
    }

    private CardAnswer Dispatch(in CommandApdu command)
    {
        try
        {
            if (command.Ins == Select)
                return SelectApplication(command);
            return _selected?.Process(command) ?? StatusWord.InstructionNotSupported;
        }
        catch (DecodeException)
        {
            return StatusWord.IncorrectData;
        }
    }

    // ISO/IEC 7816-4 §7.1.1. An application is also found by the beginning of its name. SP 800-73-4 Part 2 §3.1.1: the application that
    // is selected already keeps its security status; hosts rely on it and select before each command.
    private CardAnswer SelectApplication(in CommandApdu command)
    {
        if (command.P1 != SelectByName)
            return StatusWord.FunctionNotSupported;
        if (command.Data.Length < ShortestAid)
            return StatusWord.FileNotFound;
        foreach (CardApplication application in _applications)
        {
            if (application.Aid.StartsWith(command.Data))
            {
                if (_selected != application)
                    card.Session.Clear();
                _selected = application;
                return CardAnswer.Ok(application.Select());
            }
        }
        return StatusWord.FileNotFound;
    }

    private byte[] Continue(in CommandApdu command)
    {
        byte[] rest = _rest;
        _rest = [];
        return rest.Length == 0
            ? Encode([], StatusWord.ConditionsOfUseNotSatisfied)
            : Piece(CardAnswer.Ok(rest), command);
    }

    // ISO/IEC 7816-4 §5.3.4: 61 xx says that xx more bytes wait. A YubiKey does not insist on Le where it could.
    private byte[] Piece(CardAnswer answer, in CommandApdu command)
    {
        int room = command.Expected == 0 ? CommandApdu.MaxShortResponse : command.Expected;
        if (answer.Response.Length <= room)
            return Encode(answer.Response, answer.Status);
        _rest = answer.Response[room..];
        byte waiting = _rest.Length > byte.MaxValue ? (byte)0 : (byte)_rest.Length;
        return Encode(answer.Response.AsSpan(0, room), new StatusWord((ushort)(0x6100 | waiting)));
    }

    private static byte[] Encode(ReadOnlySpan<byte> response, StatusWord status) => [.. response, status.Sw1, status.Sw2];
}
