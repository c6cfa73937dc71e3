using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace HardwareChat.Relay;

/// <summary>A connection in use, and statements whose parameters are set by position.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection)
{
    private NpgsqlBatch? _batch;

    /// <summary>Runs a statement; returns the rows changed.</summary>
    public async Task<int> RunAsync(string sql, params object[] values)
    {
        await using NpgsqlCommand command = CommandOf(sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs a statement later, together with others, in one exchange.</summary>
    public void Add(string sql, params object[] values)
    {
        _batch ??= new NpgsqlBatch(connection);
        var command = new NpgsqlBatchCommand(sql);
        foreach (object value in values)
            command.Parameters.Add(ParameterOf(value));
        _batch.BatchCommands.Add(command);
    }

    /// <summary>Runs what was added.</summary>
    public async Task FlushAsync()
    {
        if (_batch is not { } batch)
            return;
        _batch = null;
        await using (batch)
            await batch.ExecuteNonQueryAsync();
    }

    /// <summary>One number; null where there is no row.</summary>
    public async Task<long?> NumberAsync(string sql, params object[] values)
    {
        await using NpgsqlCommand command = CommandOf(sql, values);
        return await command.ExecuteScalarAsync() is { } found and not DBNull ? Convert.ToInt64(found, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>One number, for which everything is read, however long that takes.</summary>
    public async Task<long?> PatientNumberAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteScalarAsync() is { } found and not DBNull ? Convert.ToInt64(found, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The rows, as many as are wanted.</summary>
    /// <param name="take">Takes a row; false ends the reading before it.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="values">Its parameters.</param>
    public async Task ReadAsync(Func<NpgsqlDataReader, bool> take, string sql, params object[] values)
    {
        await using NpgsqlCommand command = CommandOf(sql, values);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync() && take(row))
        {
        }
    }

    private NpgsqlCommand CommandOf(string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (object value in values)
            command.Parameters.Add(ParameterOf(value));
        return command;
    }

    private static NpgsqlParameter ParameterOf(object value) => value switch
    {
        int number => new NpgsqlParameter { Value = (long)number, NpgsqlDbType = NpgsqlDbType.Bigint },
        long => new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint },
        ulong number => new NpgsqlParameter { Value = (long)Math.Min(number, long.MaxValue), NpgsqlDbType = NpgsqlDbType.Bigint },
        string => new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Text },
        _ => new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Bytea },
    };
}
