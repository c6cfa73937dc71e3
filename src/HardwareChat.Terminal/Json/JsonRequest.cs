using System.Text.Json;
using System.Text.Unicode;
using HardwareChat.Client.Content;
using HardwareChat.Protocol;
using HardwareChat.Terminal.Conversation;
using HardwareChat.Terminal.Programs;
using HardwareChat.Wire;

namespace HardwareChat.Terminal.Json;

// One object a line; strict: an unknown field, a field given twice or of another kind is an error and nothing is done, since a program that
// means something by it would otherwise believe that it was done. A secret is copied from the line into memory that is zeroed, and is never a string.

/// <summary>A command that a program gives, decoded. Disposing zeroes what is secret in it.</summary>
internal sealed class JsonRequest : IDisposable
{
    private readonly Dictionary<string, string> _texts = [];
    private readonly Dictionary<string, ulong> _numbers = [];
    private readonly Dictionary<string, bool> _flags = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _lists = [];
    private readonly List<string> _names = [];

    private JsonRequest()
    {
    }

    /// <summary>The program's name for it; null if it has none.</summary>
    public string? Id => Find("id");

    /// <summary>The command.</summary>
    public string Do => _texts["do"];

    /// <summary>The names of the fields, in their order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The secret; null if none was given. The request's own.</summary>
    public SecretLine? Phrase { get; private set; }

    /// <summary>Reads a line.</summary>
    /// <exception cref="RequestException">It is no command.</exception>
    public static JsonRequest Decode(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
            throw new RequestException(null, FailureCode.Malformed, "the line is not UTF-8");
        var request = new JsonRequest();
        try
        {
            request.Read(line);
            return request;
        }
        catch (JsonException e)
        {
            request.Dispose();
            throw new RequestException(request.Id, FailureCode.Malformed, $"the line is not a JSON object: see byte {e.BytePositionInLine ?? 0}");
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>Fuzz entry: lines of at most 4096 bytes, each a command or a refusal.</summary>
    public static void Fuzz(ReadOnlySpan<byte> data)
    {
        using var stream = new MemoryStream(data.ToArray());
        using var reader = new LineReader(stream, 4096);
        for (LineKind kind; (kind = reader.Read(out ReadOnlyMemory<byte> line)) != LineKind.End;)
        {
            if (kind == LineKind.TooLong)
                continue;
            try
            {
                using JsonRequest request = Decode(line.Span);
                JsonCommand.Of(request);
            }
            catch (ProgramException)
            {
                // Refused, with a code and words.
            }
        }
    }

    /// <summary>A text; null if it was not given.</summary>
    public string? Find(string name) => _texts.GetValueOrDefault(name);

    /// <summary>A text that the command's table says must be there.</summary>
    public string Text(string name) => _texts[name];

    /// <summary>A number; null if it was not given.</summary>
    public ulong? Number(string name) => _numbers.TryGetValue(name, out ulong number) ? number : null;

    /// <summary>A flag; false if it was not given.</summary>
    public bool Flag(string name) => _flags.GetValueOrDefault(name);

    /// <summary>A list; null if it was not given.</summary>
    public IReadOnlyList<string>? List(string name) => _lists.GetValueOrDefault(name);

    /// <summary>The room that is meant.</summary>
    /// <exception cref="ProgramException">It is no room's name.</exception>
    public RoomId Room() => RoomOf("room", Text("room"));

    /// <summary>The room of that name.</summary>
    /// <exception cref="ProgramException">It is no room's name.</exception>
    public static RoomId RoomOf(string field, string name)
    {
        Span<byte> bytes = stackalloc byte[Protocol.Digest.Size];
        return name.Length == 2 * Protocol.Digest.Size && Convert.FromHexString(name, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            ? RoomId.FromBytes(bytes)
            : throw Bad(field, "is a room's name of 64 hexadecimal digits");
    }

    /// <summary>The message that a field names; null if it was not given.</summary>
    /// <exception cref="ProgramException">It is no message's name.</exception>
    public MessageId? Message(string name)
    {
        if (Find(name) is not { } text)
            return null;
        try
        {
            return MessageId.Parse(text);
        }
        catch (DecodeException)
        {
            throw Bad(name, "is a message's name of 64 hexadecimal digits");
        }
    }

    /// <summary>The user that is meant.</summary>
    /// <exception cref="ProgramException">It is no handle.</exception>
    public static Handle HandleOf(string field, string text) => Handle.TryParse(text, out Handle handle) ? handle : throw Bad(field, "is a user's handle");

    /// <summary>How many are wanted.</summary>
    /// <exception cref="ProgramException">Too many, or none.</exception>
    public int Count() => Number("count") switch
    {
        null => JsonLimits.Page / 2,
        >= 1 and <= JsonLimits.Page and var count => (int)count,
        _ => throw Bad("count", $"is 1 to {JsonLimits.Page}"),
    };

    /// <summary>SHA-256 of what is asked, but for the id, the key and what is secret: whether two ask the same.</summary>
    public byte[] Digest()
    {
        using var hash = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        foreach (string name in _names.Where(static name => name is not ("id" or "key" or "phrase")).Order(StringComparer.Ordinal))
        {
            string value = Find(name) ?? (_lists.TryGetValue(name, out IReadOnlyList<string>? list) ? string.Concat(list.Select(static item => $"{item.Length}:{item}"))
                : _numbers.TryGetValue(name, out ulong number) ? number.ToString(System.Globalization.CultureInfo.InvariantCulture) : Flag(name).ToString());
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{name.Length}:{name}{value.Length}:{value}"));
        }
        return hash.GetHashAndReset();
    }

    /// <summary>A value that a field cannot have.</summary>
    public static ProgramException Bad(string field, string must) => new(FailureCode.BadValue, $"\"{field}\" {must}");

    /// <inheritdoc/>
    public void Dispose() => Phrase?.Dispose();

    private void Read(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = 4 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new RequestException(null, FailureCode.Malformed, "the line is not a JSON object");

        // The rest is read even where something is wrong, for the id of the answer.
        (FailureCode Code, string Text)? fault = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? name = reader.ValueSpan.Length <= 6 * JsonLimits.Name ? TextOf(ref reader) : null;
            reader.Read();
            if (name is null || JsonField.Find(name) is not { } field)
                fault ??= (FailureCode.UnknownField, $"there is no field \"{name ?? "(a long name)"}\"");
            else if (_names.Contains(name))
                fault ??= (FailureCode.BadValue, $"\"{name}\" is given twice");
            else if (!TryKeep(ref reader, field))
                fault ??= (FailureCode.BadValue, $"\"{name}\" is {WordOf(field.Kind)}");
            reader.Skip();
        }
        reader.Read();
        if (fault is null && !_texts.ContainsKey("do"))
            fault = (FailureCode.MissingField, "there is no \"do\"");
        if (fault is { } found)
            throw new RequestException(Id, found.Code, found.Text);
    }

    private bool TryKeep(ref Utf8JsonReader reader, JsonField field)
    {
        switch (field.Kind)
        {
            case FieldKind.Text when reader.TokenType == JsonTokenType.String && TextOf(ref reader) is { } text && Fits(field.Name, text):
                _texts[field.Name] = text;
                break;
            case FieldKind.Number when reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out ulong number):
                _numbers[field.Name] = number;
                break;
            case FieldKind.Flag when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                _flags[field.Name] = reader.GetBoolean();
                break;
            case FieldKind.Texts when reader.TokenType == JsonTokenType.StartArray && ListOf(ref reader) is { } list:
                _lists[field.Name] = list;
                break;
            case FieldKind.Secret when reader.TokenType == JsonTokenType.String && SecretOf(ref reader) is { } secret:
                Phrase = secret;
                break;
            default:
                return false;
        }
        _names.Add(field.Name);
        return true;
    }

    private static bool Fits(string name, string text) => name is not ("id" or "key") || text.Length is > 0 and <= JsonLimits.Name;

    // Null for half of a surrogate pair, which is JSON and no text.
    private static string? TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static List<string>? ListOf(ref Utf8JsonReader reader)
    {
        List<string>? list = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (list is not null && reader.TokenType == JsonTokenType.String && list.Count < JsonLimits.Items && TextOf(ref reader) is { } text)
                list.Add(text);
            else
                list = null;
            reader.Skip();
        }
        return list;
    }

    private static SecretLine? SecretOf(ref Utf8JsonReader reader)
    {
        // Escapes make it shorter, never longer.
        if (reader.ValueSpan.Length > SecretLine.Room)
            return null;
        char[] characters = GC.AllocateArray<char>(SecretLine.Room, pinned: true);
        try
        {
            int length = reader.CopyString(characters);
            var secret = new SecretLine();
            secret.Append(characters.AsSpan(0, length));
            return secret;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
        finally
        {
            Array.Clear(characters);
        }
    }

    private static string WordOf(FieldKind kind) => kind switch
    {
        FieldKind.Number => "a whole number from 0",
        FieldKind.Flag => "true or false",
        FieldKind.Texts => $"a list of at most {JsonLimits.Items} strings",
        FieldKind.Secret => $"a string of at most {SecretLine.Room} bytes",
        _ => "a string, and \"id\" and \"key\" have 1 to 200 characters",
    };
}

/// <summary>A line that is no command, and the id that its answer has, where it could be read.</summary>
internal sealed class RequestException(string? id, FailureCode code, string message) : ProgramException(code, message)
{
    /// <summary>The program's name for it.</summary>
    public string? Id { get; } = id;
}
