using System.Net;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace HardwareChat.Relay;

/// <summary>Metrics and traces, by OpenTelemetry: no label holds a user, a token, a room or an address.</summary>
internal static class RelayTelemetry
{
    /// <summary>Adds what the options and the standard OTEL_* variables ask for.</summary>
    public static void Add(WebApplicationBuilder builder, RelayOptions options)
    {
        bool otlp = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is not null;
        if (options.Metrics is null && !otlp)
            return;
        OpenTelemetry.OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry();
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(RelayMetrics.MeterName, "System.Runtime", "Microsoft.AspNetCore.Server.Kestrel");
            if (options.Metrics is { } listen)
                metrics.AddPrometheusHttpListener(prometheus => (prometheus.Host, prometheus.Port) = (IPEndPoint.Parse(listen).Address.ToString(), IPEndPoint.Parse(listen).Port));
            if (otlp)
                metrics.AddOtlpExporter();
        });
        if (otlp)
            telemetry.WithTracing(static traces => traces.AddSource(RelayMetrics.MeterName).AddOtlpExporter());
    }
}
