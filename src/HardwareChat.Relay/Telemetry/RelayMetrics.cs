using System.Diagnostics.Metrics;

namespace HardwareChat.Relay;

/// <summary>What a relay counts.</summary>
internal sealed class RelayMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "HardwareChat.Relay";

    private readonly Meter _meter;
    private readonly Counter<long> _handshakes;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _appended;
    private readonly Counter<long> _detached;
    private readonly Histogram<double> _append;

    /// <summary>A meter, whose gauges read these.</summary>
    public RelayMetrics(IMeterFactory meters, ConnectionTable connections)
    {
        _meter = meters.Create(MeterName);
        _handshakes = _meter.CreateCounter<long>("hwchat.relay.handshakes", "{handshake}", "Handshakes that reached Ready");
        _refusals = _meter.CreateCounter<long>("hwchat.relay.refusals", "{handshake}", "Sockets that did not");
        _appended = _meter.CreateCounter<long>("hwchat.relay.entries", "{entry}", "Entries appended to rooms");
        _detached = _meter.CreateCounter<long>("hwchat.relay.detached", "{reader}", "Readers that were too slow");
        _append = _meter.CreateHistogram<double>("hwchat.relay.append.duration", "s", "From a room's batch to its being on disk");
        _meter.CreateObservableGauge("hwchat.relay.connections", () => connections.Count, "{connection}", "Authenticated connections");
    }

    /// <summary>A handshake reached Ready.</summary>
    public void Admitted() => _handshakes.Add(1);

    /// <summary>A handshake did not.</summary>
    public void Refused() => _refusals.Add(1);

    /// <summary>Entries are on disk.</summary>
    public void Appended(int entries, TimeSpan took)
    {
        _appended.Add(entries);
        _append.Record(took.TotalSeconds);
    }

    /// <summary>A reader was too slow.</summary>
    public void Detached() => _detached.Add(1);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
