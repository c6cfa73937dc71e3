using Microsoft.Data.Sqlite;

namespace HardwareChat.Relay;

/// <summary>A prepared statement of one connection, whose parameters are set by position.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;

    public SqliteStatement(SqliteConnection connection, string sql, int parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        for (int i = 1; i <= parameters; i++)
            _command.Parameters.Add(new SqliteParameter($"?{i}", SqliteType.Blob));
        _command.Prepare();
    }

    /// <summary>Sets the values and runs; returns the rows changed.</summary>
    public int Run(params ReadOnlySpan<object> values)
    {
        Set(values);
        return _command.ExecuteNonQuery();
    }

    /// <summary>Sets the values and reads.</summary>
    public SqliteDataReader Read(params ReadOnlySpan<object> values)
    {
        Set(values);
        return _command.ExecuteReader();
    }

    /// <inheritdoc/>
    public void Dispose() => _command.Dispose();

    private void Set(ReadOnlySpan<object> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            SqliteParameter parameter = _command.Parameters[i];
            parameter.SqliteType = values[i] switch
            {
                long or int => SqliteType.Integer,
                string => SqliteType.Text,
                _ => SqliteType.Blob,
            };
            parameter.Value = values[i];
        }
    }
}
