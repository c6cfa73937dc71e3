using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <summary>A connection to the store's file, with the statements that it has prepared. One owner at a time.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    /// <summary>The connection.</summary>
    public SqliteConnection Connection { get; } = connection;

    /// <summary>The prepared form of a statement.</summary>
    public SqliteStatement this[string sql, int parameters]
    {
        get
        {
            if (!_statements.TryGetValue(sql, out SqliteStatement? statement))
                _statements[sql] = statement = new SqliteStatement(Connection, sql, parameters);
            return statement;
        }
    }

    /// <summary>Prepares, sets the values and reads.</summary>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object> values) => this[sql, values.Length].Read(values);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SqliteStatement statement in _statements.Values)
            statement.Dispose();
        Connection.Dispose();
    }
}
