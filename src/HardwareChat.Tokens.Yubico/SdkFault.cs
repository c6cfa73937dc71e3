using HardwareChat.Tokens.Apdu;
using HardwareChat.Tokens.Pcsc;
using HardwareChat.Tokens.Piv;
using Yubico.Core.Iso7816;
using Yubico.Core.Tlv;
using Yubico.PlatformInterop;
using Yubico.YubiKey;

namespace HardwareChat.Tokens.Yubico;

/// <summary>Turns what the SDK throws into the exceptions of the token face. By type and code; its sentences are never read.</summary>
internal static class SdkFault
{
    private const uint NotTransacted = 0x80100016;
    private const uint NoCard = 0x8010000C;
    private const uint UnknownReader = 0x80100009;

    /// <summary>Runs <paramref name="call"/>, which talks to the card.</summary>
    /// <exception cref="TokenException">The SDK could not reach the card, or the card has no PIV application.</exception>
    public static T Translate<T>(string reader, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (SCardException error)
        {
            throw Unreachable(unchecked((uint)error.HResult), reader);
        }
        catch (ApduException error)
        {
            // The one command whose refusal the SDK throws is the selection of an application.
            throw new PivNotFoundException(
                "The card has no PIV application.",
                "Use a YubiKey with PIV enabled (ykman config usb --enable PIV), or another PIV card.",
                new StatusWord(unchecked((ushort)(error.SW ?? 0))));
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException)
        {
            throw new CardChannelException(
                CardFault.NotInstalled,
                "The native part of Yubico's SDK cannot be loaded.",
                "It needs the PC/SC library (on Debian and Ubuntu: apt install pcscd libpcsclite1). Or leave --token-driver out.",
                innerException: error);
        }
    }

    /// <summary>Sends a command to the card.</summary>
    /// <exception cref="CardChannelException">No answer came: the SDK cannot make a response of nothing, and says that its argument is wrong.</exception>
    /// <exception cref="MalformedAnswerException">The SDK could not read the answer.</exception>
    public static TResponse Send<TResponse>(IYubiKeyConnection connection, IYubiKeyCommand<TResponse> command)
        where TResponse : IYubiKeyResponse
    {
        try
        {
            return connection.SendCommand(command);
        }
        catch (ArgumentException error)
        {
            throw new CardChannelException(CardFault.NotResponding, "The token does not answer.", "Unplug it and plug it in again.", innerException: error);
        }
        catch (Exception error) when (error is TlvException or MalformedYubiKeyResponseException)
        {
            throw new MalformedAnswerException("a response", error);
        }
    }

    /// <summary>Has the SDK read an answer of the card.</summary>
    /// <param name="what">What the answer holds.</param>
    /// <param name="read">The SDK's reading. It documents no exceptions for bytes that it does not expect, so any is taken as that.</param>
    /// <exception cref="MalformedAnswerException">The SDK could not.</exception>
    public static T Read<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not (TokenException or SCardException or ApduException))
        {
            throw new MalformedAnswerException(what, error);
        }
    }

    // The SDK talks to a card that it had before: where PC/SC says that there is none now, or that a transaction is gone, it was taken out.
    private static CardChannelException Unreachable(uint code, string reader)
        => code is NotTransacted or NoCard or UnknownReader
            ? new CardChannelException(CardFault.Removed, "The token was taken out.", "Plug it in again and repeat what you did.", code)
            : PcscFault.From(code, reader);
}
