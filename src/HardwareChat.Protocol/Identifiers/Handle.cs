using System.Diagnostics.CodeAnalysis;
using System.Text;
using HardwareChat.Wire;

namespace HardwareChat.Protocol;

// A handle is what people read, so two handles that people read as one are one handle:
//
//   characters  [a-z0-9._-]{1,32}; it begins and ends with a letter or digit, and no two separators stand together
//   skeleton    . and _ become -, 0 becomes o, 1 and i become l, then rn becomes m and vv becomes w
//
// The registry refuses a handle whose skeleton is another's. It keeps the handle as it was written.

/// <summary>The name of a user, unique in its registry, as is its <see cref="Skeleton"/>.</summary>
public readonly record struct Handle : ITlsSerializable, IComparable<Handle>
{
    private readonly string? _text;

    private Handle(string text) => _text = text;

    /// <summary>The handle of this text.</summary>
    /// <exception cref="FormatException">Not a handle; the message says which rule it breaks.</exception>
    public static Handle Parse(string text)
        => TryParse(text, out Handle handle)
            ? handle
            : throw new FormatException(
                $"A handle has 1 to {ProtocolLimits.HandleCharacters} characters of a-z, 0-9, '.', '_' and '-', begins and ends with a letter or digit, "
                + "and has no two separators in a row.");

    /// <summary>The handle of this text, if it is one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Handle handle)
    {
        handle = default;
        if (text is null || text.Length is 0 or > ProtocolLimits.HandleCharacters)
            return false;
        bool separatorBefore = true;
        foreach (char c in text)
        {
            bool separator = c is '.' or '_' or '-';
            if (!separator && !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c))
                return false;
            if (separator && separatorBefore)
                return false;
            separatorBefore = separator;
        }
        if (separatorBefore)
            return false;
        handle = new Handle(text);
        return true;
    }

    /// <summary>What the handle looks like: handles with one skeleton are look-alikes.</summary>
    public string Skeleton => SkeletonOf(ToString());

    /// <summary>The skeleton of any small letters and digits, so that other names can be held against a handle.</summary>
    public static string SkeletonOf(string text)
    {
        var skeleton = new StringBuilder(text);
        skeleton.Replace('.', '-').Replace('_', '-').Replace('0', 'o').Replace('1', 'l').Replace('i', 'l');
        return skeleton.Replace("rn", "m").Replace("vv", "w").ToString();
    }

    /// <summary>opaque handle&lt;V&gt;.</summary>
    public static Handle Read(ref TlsReader reader)
        => TryParse(Encoding.Latin1.GetString(reader.ReadOpaque(ProtocolLimits.HandleCharacters)), out Handle handle)
            ? handle
            : throw reader.Malformed("not a handle");

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteOpaque(Encoding.ASCII.GetBytes(ToString()));

    /// <inheritdoc/>
    public int CompareTo(Handle other) => string.CompareOrdinal(ToString(), other.ToString());

    /// <summary>The handle itself.</summary>
    /// <exception cref="InvalidOperationException">This is the default value, which is no handle.</exception>
    public override string ToString() => _text ?? throw new InvalidOperationException("The default value is no handle.");

    /// <summary>Whether the left handle sorts first.</summary>
    public static bool operator <(Handle left, Handle right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left handle sorts first or is the same.</summary>
    public static bool operator <=(Handle left, Handle right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the left handle sorts last.</summary>
    public static bool operator >(Handle left, Handle right) => left.CompareTo(right) > 0;

    /// <summary>Whether the left handle sorts last or is the same.</summary>
    public static bool operator >=(Handle left, Handle right) => left.CompareTo(right) >= 0;
}
