using System.Globalization;

namespace HardwareChat.Tokens.Apdu;

/// <summary>The two bytes with which a card ends each response (ISO/IEC 7816-4 §5.6; SP 800-73-4 Part 2 §3, table 3).</summary>
public readonly record struct StatusWord(ushort Value)
{
    /// <summary>9000.</summary>
    public static readonly StatusWord Success = new(0x9000);

    /// <summary>6285: the file is terminated; a YubiKey says so of an application that is blocked.</summary>
    public static readonly StatusWord Terminated = new(0x6285);

    /// <summary>6700.</summary>
    public static readonly StatusWord WrongLength = new(0x6700);

    /// <summary>6883: the last command of a chain was expected.</summary>
    public static readonly StatusWord LastCommandOfChainExpected = new(0x6883);

    /// <summary>6884.</summary>
    public static readonly StatusWord ChainingNotSupported = new(0x6884);

    /// <summary>6982: the PIN has not been given, or the management key, or a touch did not come in time.</summary>
    public static readonly StatusWord SecurityStatusNotSatisfied = new(0x6982);

    /// <summary>6983: the PIN or PUK is blocked.</summary>
    public static readonly StatusWord AuthenticationMethodBlocked = new(0x6983);

    /// <summary>6985.</summary>
    public static readonly StatusWord ConditionsOfUseNotSatisfied = new(0x6985);

    /// <summary>6A80: the data is wrong.</summary>
    public static readonly StatusWord IncorrectData = new(0x6A80);

    /// <summary>6A81.</summary>
    public static readonly StatusWord FunctionNotSupported = new(0x6A81);

    /// <summary>6A82: no such application, object or file.</summary>
    public static readonly StatusWord FileNotFound = new(0x6A82);

    /// <summary>6A84.</summary>
    public static readonly StatusWord NotEnoughMemory = new(0x6A84);

    /// <summary>6A86.</summary>
    public static readonly StatusWord IncorrectParameters = new(0x6A86);

    /// <summary>6A88: no such key.</summary>
    public static readonly StatusWord ReferencedDataNotFound = new(0x6A88);

    /// <summary>6B00.</summary>
    public static readonly StatusWord WrongParameters = new(0x6B00);

    /// <summary>6D00.</summary>
    public static readonly StatusWord InstructionNotSupported = new(0x6D00);

    /// <summary>6E00.</summary>
    public static readonly StatusWord ClassNotSupported = new(0x6E00);

    /// <summary>6F00.</summary>
    public static readonly StatusWord NoPreciseDiagnosis = new(0x6F00);

    /// <summary>First byte.</summary>
    public byte Sw1 => (byte)(Value >> 8);

    /// <summary>Second byte.</summary>
    public byte Sw2 => (byte)(Value & 0xFF);

    /// <summary>Whether it is 9000.</summary>
    public bool IsSuccess => Value == 0x9000;

    /// <summary>61 xx: as many more bytes wait for GET RESPONSE (256 for 00); otherwise <see langword="null"/>.</summary>
    public int? BytesWaiting => Sw1 == 0x61 ? NonZero(Sw2) : null;

    /// <summary>6C xx: ask again with this Le (256 for 00); otherwise <see langword="null"/>.</summary>
    public int? ExpectedLength => Sw1 == 0x6C ? NonZero(Sw2) : null;

    /// <summary>63 Cn: n tries left, 6983: none; otherwise <see langword="null"/>.</summary>
    public int? RetriesLeft => (Value & 0xFFF0) == 0x63C0 ? Value & 0x000F : Value == 0x6983 ? 0 : null;

    /// <summary>63 Cn for <paramref name="retries"/> tries left, at most 15.</summary>
    public static StatusWord WithRetriesLeft(int retries) => new((ushort)(0x63C0 | Math.Clamp(retries, 0, 15)));

    /// <summary>Four hexadecimal digits, such as "6A82".</summary>
    public override string ToString() => Value.ToString("X4", CultureInfo.InvariantCulture);

    private static int NonZero(byte length) => length == 0 ? CommandApdu.MaxShortResponse : length;
}
