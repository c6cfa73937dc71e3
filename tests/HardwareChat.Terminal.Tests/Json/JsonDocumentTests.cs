using System.Globalization;
using System.Runtime.CompilerServices;
using HardwareChat.Terminal.Json;
using HardwareChat.Terminal.Programs;

namespace HardwareChat.Terminal.Tests.Json;

/// <summary>docs/JSON.md says what the tables say.</summary>
public static class JsonDocumentTests
{
    [Fact]
    public static void Every_command_field_event_and_code_is_in_the_document_and_no_other()
    {
        string[] rows = [.. File.ReadAllLines(Path.Combine(Root(), "docs", "JSON.md")).Where(static line => line.StartsWith('|') && !line.StartsWith("|-", StringComparison.Ordinal))];
        string[] wanted =
        [
            "| event | says |",
            .. JsonEvent.All.Select(static kind => $"| `{kind.Name}` | {kind.Meaning} |"),
            "| kind | has |",
            .. JsonEvent.Contents.Select(static kind => $"| `{kind.Name}` | {kind.Meaning} |"),
            "| state | means |",
            .. JsonEvent.TokenStates.Select(static kind => $"| `{kind.Name}` | {kind.Meaning} |"),
            "| command | fields | does |",
            .. JsonCommandTable.All.Select(static command => $"| `{command.Name}` | {FieldsOf(command)} | {command.Help} |"),
            "| field | value | means |",
            .. JsonField.All.Select(static field => $"| `{field.Name}` | {WordOf(field.Kind)} | {field.Meaning} |"),
            "| code | again | exit | means |",
            .. FailureCode.All.Select(static code => string.Create(CultureInfo.InvariantCulture, $"| `{code.Name}` | {code.Retry.ToString().ToLowerInvariant()} | {code.Exit} | {code.Meaning} |")),
        ];
        Assert.Equal(wanted, rows);
    }

    [Fact]
    public static void Every_code_is_in_the_list_once()
    {
        FailureCode[] declared = [.. typeof(FailureCode).GetFields().Where(static field => field.FieldType == typeof(FailureCode)).Select(static field => (FailureCode)field.GetValue(null)!)];
        Assert.Equal(declared, FailureCode.All);
        Assert.Equal(declared.Length, declared.Select(static code => code.Name).Distinct().Count());
    }

    private static string FieldsOf(JsonCommand command) => string.Join(", ",
        [.. command.Required.Select(static field => $"`{field}`"), .. command.Optional.Append(command.Repetition == Repetition.NoKey ? "" : "key").Where(static field => field.Length > 0).Select(static field => $"`{field}`?")]);

    private static string WordOf(FieldKind kind) => kind switch
    {
        FieldKind.Text => "text",
        FieldKind.Number => "number",
        FieldKind.Flag => "true or false",
        FieldKind.Texts => "list of texts",
        _ => "secret text",
    };

    private static string Root([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "..", "..", ".."));
}
