namespace HardwareChat.Terminal.Json;

/// <summary>What the value of a field is.</summary>
internal enum FieldKind
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>A whole number from 0.</summary>
    Number,

    /// <summary>true or false.</summary>
    Flag,

    /// <summary>A list of strings.</summary>
    Texts,

    /// <summary>A string that is a secret: never kept as one.</summary>
    Secret,
}

/// <summary>A field of commands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Meaning">What it means, for the documentation.</param>
internal sealed record JsonField(string Name, FieldKind Kind, string Meaning)
{
    /// <summary>All fields.</summary>
    public static IReadOnlyList<JsonField> All { get; } =
    [
        new("do", FieldKind.Text, "The command."),
        new("id", FieldKind.Text, "Anything; the answer has it again. A command without it is answered only if it fails."),
        new("key", FieldKind.Text, "A name for this one wish, remembered for seven days: the same command under the same key is done once, and answered again."),
        new("rooms", FieldKind.Texts, "Rooms, or `[\"*\"]` for all."),
        new("since", FieldKind.Text, "A cursor: what comes after it is told. `start` is the oldest event that is kept, `now` the newest; without it, what was last acknowledged."),
        new("cursor", FieldKind.Text, "The cursor of an event."),
        new("room", FieldKind.Text, "A room's name: 64 hexadecimal digits."),
        new("text", FieldKind.Text, "Words: at most 48 KiB in UTF-8. `@HANDLE` names somebody, where it is Markdown."),
        new("format", FieldKind.Text, "`markdown` (as if not given) or `plain`."),
        new("reply_to", FieldKind.Text, "The `msg` of the message that is answered."),
        new("msg", FieldKind.Text, "The name of a message: 64 hexadecimal digits."),
        new("emoji", FieldKind.Text, "One character, as people see it."),
        new("title", FieldKind.Text, "A room's title."),
        new("door", FieldKind.Text, "`closed` (as if not given), `open` or `phrase`."),
        new("phrase", FieldKind.Secret, "The pass phrase of a room's door."),
        new("handle", FieldKind.Text, "A user's handle."),
        new("handles", FieldKind.Texts, "Users' handles."),
        new("ban", FieldKind.Flag, "Whether the user stays out until an admin says otherwise."),
        new("before", FieldKind.Number, "A `seq`: what stands before it."),
        new("from", FieldKind.Number, "A `seq`: it and what stands behind it."),
        new("seq", FieldKind.Number, "A `seq`: what stands before it has been seen."),
        new("count", FieldKind.Number, "At most so many: 1 to 100, 50 if not given."),
        new("query", FieldKind.Text, "Words, each the beginning of a word that is looked for."),
        new("path", FieldKind.Text, "A file's path on this machine."),
        new("folder", FieldKind.Text, "A folder's path on this machine."),
        new("file", FieldKind.Number, "Which of a message's files, from 0; the first if not given."),
    ];

    /// <summary>The field of that name; null if there is none.</summary>
    public static JsonField? Find(string name) => All.FirstOrDefault(field => field.Name == name);
}
