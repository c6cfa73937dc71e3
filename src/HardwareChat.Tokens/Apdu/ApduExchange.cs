using System.Security.Cryptography;
using HardwareChat.Tokens.Piv;
using HardwareChat.Wire;

namespace HardwareChat.Tokens.Apdu;

/// <summary>Sends whole commands over a channel: extended length, chaining, GET RESPONSE and a wrong Le are done here, once.</summary>
/// <remarks>Its two buffers are pinned and zeroed, because PINs and shared secrets pass through them.</remarks>
internal sealed class ApduExchange(ICardChannel channel) : IDisposable
{
    private const byte GetResponse = 0xC0;

    // A card that gives an answer byte by byte would keep its reader for minutes; no real one needs more pieces.
    private const int MaxPieces = 1024;

    private readonly byte[] _command = GC.AllocateArray<byte>(CommandApdu.MaxEncodedLength, pinned: true);
    private readonly byte[] _part = GC.AllocateArray<byte>(ResponseApdu.MaxEncodedLength, pinned: true);
    private readonly byte[] _whole = GC.AllocateArray<byte>(CommandApdu.MaxResponse, pinned: true);
    private int _commandHigh, _partHigh, _wholeHigh;

    /// <summary>Whether long commands and responses travel whole (ISO/IEC 7816-4 §5.1, extended fields). Otherwise, and where the card refuses that, in pieces.</summary>
    public bool UsesExtendedLength { get; set; }

    /// <summary>Sends one command, in pieces if it must be, and gathers its response. The result is valid until the next call.</summary>
    /// <param name="ins">Instruction.</param>
    /// <param name="p1">First parameter.</param>
    /// <param name="p2">Second parameter.</param>
    /// <param name="data">Command data.</param>
    /// <param name="expectsData">Whether there is an answer besides the status word.</param>
    /// <param name="expectsMuch">Whether that may be more than a short response holds.</param>
    /// <exception cref="MalformedAnswerException">No status word, or an endless response.</exception>
    public ResponseApdu Send(byte ins, byte p1, byte p2, scoped ReadOnlySpan<byte> data = default, bool expectsData = true, bool expectsMuch = false)
    {
        if (!UsesExtendedLength || (data.Length <= CommandApdu.MaxShortData && !expectsMuch))
            return SendShort(ins, p1, p2, data, expectsData);
        ResponseApdu whole = Exchange(new CommandApdu(0, ins, p1, p2, data, expectsData ? CommandApdu.MaxResponse : 0, extended: true));
        if (whole.Status != StatusWord.WrongLength)
            return Gather(whole);

        // 6700: nothing was done. Either the card takes no extended length, or the data is too long in any form.
        ResponseApdu pieces = SendShort(ins, p1, p2, data, expectsData);
        UsesExtendedLength = pieces.Status == StatusWord.WrongLength;
        return pieces;
    }

    /// <summary>Zeroes what the last command and response left behind.</summary>
    public void Forget()
    {
        CryptographicOperations.ZeroMemory(_command.AsSpan(0, _commandHigh));
        CryptographicOperations.ZeroMemory(_part.AsSpan(0, _partHigh));
        CryptographicOperations.ZeroMemory(_whole.AsSpan(0, _wholeHigh));
        _commandHigh = _partHigh = _wholeHigh = 0;
    }

    public void Dispose() => Forget();

    // ISO/IEC 7816-4 §5.3.3 chaining. 6C xx asks for another Le; obeyed once, and never where a command that has no answer, such as
    // VERIFY, would be done twice by it, or a chain broken.
    private ResponseApdu SendShort(byte ins, byte p1, byte p2, scoped ReadOnlySpan<byte> data, bool expectsData)
    {
        bool isChained = data.Length > CommandApdu.MaxShortData;
        while (data.Length > CommandApdu.MaxShortData)
        {
            ResponseApdu accepted = Exchange(new CommandApdu(CommandApdu.ChainingBit, ins, p1, p2, data[..CommandApdu.MaxShortData]));
            if (!accepted.Status.IsSuccess)
                return new ResponseApdu(default, accepted.Status);
            data = data[CommandApdu.MaxShortData..];
        }

        ResponseApdu response = Exchange(new CommandApdu(0, ins, p1, p2, data, expectsData ? CommandApdu.MaxShortResponse : 0));
        if (response.Status.ExpectedLength is { } length && expectsData && !isChained)
            response = Exchange(new CommandApdu(0, ins, p1, p2, data, length));
        return Gather(response);
    }

    private ResponseApdu Gather(ResponseApdu response)
    {
        if (response.Status.BytesWaiting is null)
            return response;
        int total = 0;
        for (int pieces = 1; ; pieces++)
        {
            if (response.Data.Length > _whole.Length - total || pieces > MaxPieces)
                throw new MalformedAnswerException("its response has no end");
            response.Data.CopyTo(_whole.AsSpan(total));
            total += response.Data.Length;
            _wholeHigh = Math.Max(_wholeHigh, total);
            if (response.Status.BytesWaiting is not { } waiting)
                return new ResponseApdu(_whole.AsSpan(0, total), response.Status);

            // A first answer may hold no data, a later one must: otherwise this loop has no end.
            response = Exchange(new CommandApdu(0, GetResponse, 0, 0, default, waiting));
            if (response.Data.IsEmpty && response.Status.BytesWaiting is not null)
                throw new MalformedAnswerException("it promises more of a response and does not give it");
        }
    }

    private ResponseApdu Exchange(scoped CommandApdu command)
    {
        int length = command.Write(_command);
        _commandHigh = Math.Max(_commandHigh, length);
        int received = channel.Transmit(_command.AsSpan(0, length), _part);
        _partHigh = Math.Max(_partHigh, received);
        try
        {
            return ResponseApdu.Parse(_part.AsSpan(0, received));
        }
        catch (DecodeException error)
        {
            throw new MalformedAnswerException("it is not a response", error);
        }
    }
}
