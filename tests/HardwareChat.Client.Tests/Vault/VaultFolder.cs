using System.Text;
using HardwareChat.Protocol;
using Microsoft.Data.Sqlite;

namespace HardwareChat.Client.Tests;

/// <summary>A folder with one vault, and the key that opens it.</summary>
internal sealed class VaultFolder : IDisposable
{
    public static readonly VaultOptions Options = new() { MessageText = static message => message.Content.IsEmpty ? null : Encoding.UTF8.GetString(message.Content.Span) };

    private readonly string _folder = Directory.CreateTempSubdirectory("vault-tests-").FullName;

    public AgreementKey Token { get; } = new();

    public string Path => System.IO.Path.Combine(_folder, "vault");

    public string Beside(string name) => System.IO.Path.Combine(_folder, name);

    public Vault Create(params VaultRecipient[] others) => Vault.Create(Path, [Token.Recipient, .. others], Options);

    public Vault Open(VaultOptions? options = null) => Open(Path, options);

    public Vault Open(string path, VaultOptions? options = null)
    {
        using LockedVault locked = LockedVault.Open(path);
        KeyWrapping wrapping = Assert.IsType<KeyWrapping>(locked.FindWrapping(Token.Id));
        return locked.Unlock(Token.Id, Token.Agree(wrapping.Ephemeral), options ?? Options);
    }

    /// <summary>Runs SQL on the file behind the vault's back, while nobody holds it.</summary>
    public void Tamper(string sql, params (string Name, object Value)[] values)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=false");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in values)
            command.Parameters.AddWithValue(name, value);
        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        Token.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static RoomId Room(byte number) => RoomId.FromBytes(Enumerable.Repeat(number, 32).ToArray());

    public static TokenId SenderToken(byte number) => TokenId.FromBytes(Enumerable.Repeat(number, 32).ToArray());

    public static StoredMessage Message(RoomId room, ulong sequence, string text, string sender = "alice") => new(room, sequence)
    {
        Id = Encoding.UTF8.GetBytes($"id-{sequence}"),
        Sender = Handle.Parse(sender),
        Token = SenderToken((byte)sender[0]),
        Time = 1_700_000_000 + sequence,
        Content = Encoding.UTF8.GetBytes(text),
    };
}
