using System.Collections;
using HardwareChat.Wire;

namespace HardwareChat.Mls;

// RFC 9420 §7.2 and elsewhere
//
//   Extension extensions<V>;

/// <summary>The extensions of one structure, in their order, no type twice.</summary>
public sealed class ExtensionList : ITlsSerializable, IReadOnlyList<Extension>, IEquatable<ExtensionList>
{
    private readonly Extension[] _extensions;

    /// <summary>No extensions.</summary>
    public static readonly ExtensionList Empty = new([], _: default);

    /// <summary>A list of <paramref name="extensions"/>.</summary>
    /// <exception cref="ArgumentException">A type occurs twice.</exception>
    public ExtensionList(params IEnumerable<Extension> extensions)
        : this([.. extensions], _: default)
    {
        if (HasDuplicates(_extensions))
            throw new ArgumentException("an extension type occurs twice", nameof(extensions));
    }

    private ExtensionList(Extension[] extensions, byte _) => _extensions = extensions;

    /// <inheritdoc/>
    public int Count => _extensions.Length;

    /// <inheritdoc/>
    public Extension this[int index] => _extensions[index];

    /// <summary>The extension of a type, or null.</summary>
    public Extension? Find(ExtensionType type) => Array.Find(_extensions, extension => extension.Type == type);

    /// <summary>The list with <paramref name="extension"/> in the place of the one of its type, or behind all.</summary>
    public ExtensionList With(Extension extension)
    {
        ArgumentNullException.ThrowIfNull(extension);
        int at = Array.FindIndex(_extensions, other => other.Type == extension.Type);
        if (at < 0)
            return new ExtensionList([.. _extensions, extension], _: default);
        var changed = (Extension[])_extensions.Clone();
        changed[at] = extension;
        return new ExtensionList(changed, _: default);
    }

    internal static ExtensionList ReadFrom(ref TlsReader reader)
    {
        Extension[] extensions = TlsVector.Read(ref reader, Extension.ReadFrom);
        if (extensions.Length == 0)
            return Empty;
        // RFC 9420 §13.4: "Any field containing a list of extensions MUST NOT have more than one extension of any given type."
        if (HasDuplicates(extensions))
            throw new ValidationException(ValidationRule.ExtensionsUnique, "an extension type occurs twice");
        return new ExtensionList(extensions, _: default);
    }

    /// <inheritdoc/>
    public void WriteTo(ref TlsWriter writer) => writer.WriteVector<Extension>(_extensions);

    /// <inheritdoc/>
    public IEnumerator<Extension> GetEnumerator() => ((IEnumerable<Extension>)_extensions).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether both have the same encoding.</summary>
    public bool Equals(ExtensionList? other)
    {
        if (other is null || other.Count != Count)
            return false;
        for (int i = 0; i < Count; i++)
        {
            if (_extensions[i].Type != other._extensions[i].Type || !_extensions[i].Content.SequenceEqual(other._extensions[i].Content))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExtensionList);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (Extension extension in _extensions)
        {
            hash.Add(extension.Type);
            hash.AddBytes(extension.Content);
        }

        return hash.ToHashCode();
    }

    private static bool HasDuplicates(Extension[] extensions)
        => extensions.Length > 1 && extensions.Select(static extension => extension.Type).Distinct().Count() != extensions.Length;
}
