using System.Text;
using HardwareChat.Protocol;

namespace HardwareChat.Client;

/// <summary>A relay's registry that cannot be believed: from then on nothing is signed and nothing is sent, until a person decides.</summary>
/// <param name="At">When it was found.</param>
/// <param name="Evidence">What the relay said and signed, as text: to be shown to others, who can verify it with the relay's key alone.</param>
public sealed record RegistryAlarm(DateTimeOffset At, string Evidence);

/// <content>The alarm, which outlasts the run.</content>
public sealed partial class ChatClient
{
    private const string AlarmSetting = "registry alarm";
    private const string AlarmTimeSetting = "registry alarm at";

    private bool? _hasAlarm;

    /// <summary>The alarm; null if there is none.</summary>
    public RegistryAlarm? Alarm => _vault.Read(static vault => vault.Settings.FindText(AlarmSetting) is { } evidence
        ? new RegistryAlarm(DateTimeOffset.Parse(vault.Settings.FindText(AlarmTimeSetting)!, System.Globalization.CultureInfo.InvariantCulture), evidence)
        : null);

    /// <summary>Writes the evidence of the alarm to a file, which must not be there.</summary>
    /// <exception cref="CommunityException">There is no alarm.</exception>
    public void ExportEvidence(string path)
    {
        RegistryAlarm alarm = Alarm ?? throw new CommunityException("there is no alarm, and so no evidence");
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        file.Write(Encoding.UTF8.GetBytes(alarm.Evidence));
        file.Flush(flushToDisk: true);
    }

    /// <summary>A person has decided to go on: the next connection looks at the registry again, and if it still cannot be believed, that is an alarm again.</summary>
    public Task DismissAlarmAsync() => DoAsync(() =>
    {
        _vault.Write(static vault =>
        {
            vault.Settings.Remove(AlarmSetting);
            vault.Settings.Remove(AlarmTimeSetting);
        });
        (_hasAlarm, _registry) = (false, ReadRegistry());
        return Task.FromResult(true);
    });

    // What the vault holds was believed before anything contradicted it.
    private RegistryFollower ReadRegistry()
    {
        var registry = new RegistryFollower(_community.Registry, _community.Pinned);
        return _vault.Read(registry.Load) ? registry : throw new CommunityException("the registry in the vault is not accepted any more");
    }

    private void RequireSoundRegistry()
    {
        if (!_registry.Replica.IsSound)
            throw new CommunityException("the registry of this relay cannot be believed: nothing is sent");
        RequireNoAlarm();
    }

    private void RequireNoAlarm()
    {
        if (_hasAlarm ??= Alarm is not null)
            throw new CommunityException("the registry of this relay could not be believed: nothing is sent until you have decided what to make of the evidence");
    }

    private CommunityException Raise(HeadVerdict verdict)
    {
        if (verdict is HeadVerdict.Fork or HeadVerdict.Stopped)
        {
            string evidence = EvidenceText(verdict);
            _vault.Write(vault =>
            {
                vault.Settings.PutText(AlarmSetting, evidence);
                vault.Settings.PutText(AlarmTimeSetting, _time.GetUtcNow().ToString("O", System.Globalization.CultureInfo.InvariantCulture));
            });
            _hasAlarm = true;
        }
        string why = verdict switch
        {
            HeadVerdict.Fork => "the relay shows another registry than it has shown before",
            HeadVerdict.Stopped => $"the relay's registry breaks a rule ({_registry.Replica.Stop?.Rule}) at leaf {_registry.Replica.Stop?.Index}",
            _ => "the relay's registry is not signed as it must be",
        };
        _onEvent(new ClientEvent.Link(LinkState.Alarm, why));
        return new CommunityException($"{why}: nothing is sent");
    }

    private string EvidenceText(HeadVerdict verdict)
    {
        RegistryReplica replica = _registry.Replica;
        var text = new StringBuilder();
        text.AppendLine("Evidence about the registry of a HardwareChat relay.");
        text.AppendLine();
        text.AppendLine($"relay:     {_community.Address}");
        text.AppendLine($"relay key: {replica.State.RelayKey}");
        text.AppendLine($"registry:  {_community.Registry}");
        text.AppendLine($"found:     {_time.GetUtcNow():u}");
        text.AppendLine();
        if (verdict == HeadVerdict.Stopped)
        {
            text.AppendLine($"The relay put a leaf into its log that breaks a rule of registries: leaf {replica.Stop?.Index}, rule {replica.Stop?.Rule}{(replica.Stop?.Fault is { } fault ? $", evidence {fault}" : "")}.");
            text.AppendLine("The head that this client had accepted before, a checkpoint in the form of C2SP tlog-checkpoint:");
            AppendNote(text, replica.Head);
            return text.ToString();
        }
        text.AppendLine("The relay has signed two heads of one log of which one cannot follow from the other. Both are checkpoints in the form of C2SP tlog-checkpoint;");
        text.AppendLine("whoever holds the relay's key can verify both signatures. A relay that was put back to an old backup looks the same as one that lies.");
        text.AppendLine();
        text.AppendLine("Seen first:");
        if (replica.Fork?.Seen is null && _community.Pinned is { } pinned)
            text.AppendLine($"  pinned by the invite: size {pinned.Size}, root {pinned.Root}");
        AppendNote(text, replica.Fork?.Seen);
        text.AppendLine("Offered now:");
        AppendNote(text, replica.Fork?.Offered);
        return text.ToString();
    }

    private static void AppendNote(StringBuilder text, SignedNote? note)
    {
        text.AppendLine();
        if (note is not null)
            text.AppendLine(Encoding.UTF8.GetString(note.Encode()));
    }
}
