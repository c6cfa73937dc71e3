using System.Globalization;
using System.Text.Json.Nodes;

namespace HardwareChat.Bench;

/// <summary>Prints rows as a table, or as one JSON object a line.</summary>
internal sealed class Report(bool json)
{
    /// <summary>A line for people; programs get rows only.</summary>
    public void Note(string text)
    {
        if (!json)
            Console.WriteLine(text);
    }

    public void Row(Measurement row, double? peerMilliseconds = null)
    {
        if (json)
        {
            var line = new JsonObject
            {
                ["bench"] = row.Bench,
                ["suite"] = row.Suite,
                ["members"] = row.Members,
                ["median_ms"] = Math.Round(row.MedianMilliseconds, 5),
                ["allocated_bytes"] = row.AllocatedBytes,
            };
            if (peerMilliseconds is double peer)
            {
                line["peer_median_ms"] = Math.Round(peer, 5);
                line["ratio"] = Math.Round(peer / row.MedianMilliseconds, 2);
            }

            Console.WriteLine(line.ToJsonString());
            return;
        }

        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Bench,-28} suite {row.Suite} N={row.Members,-6} {row.MedianMilliseconds,12:0.000} ms {row.AllocatedBytes,14:N0} B");
        if (peerMilliseconds is double theirs)
            text += string.Create(CultureInfo.InvariantCulture, $"   peer {theirs,10:0.000} ms  {theirs / row.MedianMilliseconds,7:0.0}x");
        Console.WriteLine(text);
    }
}
