using System.Text;
using System.Text.Unicode;
using HardwareChat.Client.Attachments;

namespace HardwareChat.Client.Content;

// draft-ietf-mimi-content §4.4: of a chooseOne, the first child that can be shown whole; a singleUnit only whole; of a processAll, what can be
// shown. What cannot is named, so that the reader knows of it. The decoder has bounded depth and number of parts.

/// <summary>The texts and files of a body.</summary>
internal sealed class CollectedParts
{
    private readonly StringBuilder _text = new();
    private readonly List<AttachmentManifest> _attachments = [];
    private readonly List<string> _unsupported = [];
    private bool _anyText;

    public bool HasAnything => _anyText || _attachments.Count > 0;

    public string Text => _text.ToString();

    /// <summary>Markdown only if every text is: a plain text is never read as Markdown.</summary>
    public TextFormat Format { get; private set; } = TextFormat.Markdown;

    public IReadOnlyList<AttachmentManifest> Attachments => _attachments;

    public IReadOnlyList<string> Unsupported => _unsupported;

    public void Add(NestedPart part)
    {
        switch (part)
        {
            case SinglePart single when IsText(single):
                AddText(single);
                break;
            case ExternalPart external when _attachments.Count < ContentLimits.Attachments && AttachmentManifest.TryRead(external, out AttachmentManifest? manifest):
                _attachments.Add(manifest);
                break;
            case MultiPart { Semantics: PartSemantics.ChooseOne } choice when choice.Parts.FirstOrDefault(IsSupported) is { } chosen:
                Add(chosen);
                break;
            case MultiPart { Semantics: PartSemantics.SingleUnit } unit when IsSupported(unit):
            case MultiPart { Semantics: PartSemantics.ProcessAll }:
                foreach (NestedPart nested in ((MultiPart)part).Parts)
                    Add(nested);
                break;
            default:
                AddUnsupported(part);
                break;
        }
    }

    /// <summary>Names all that a part is made of as unsupported.</summary>
    public void AddUnsupported(NestedPart part)
    {
        switch (part)
        {
            case SinglePart single:
                _unsupported.Add(single.ContentType);
                break;
            case ExternalPart external:
                _unsupported.Add(external.ContentType);
                break;
            case MultiPart multi:
                foreach (NestedPart nested in multi.Parts)
                    AddUnsupported(nested);
                break;
            default:
                break;
        }
    }

    private static bool IsSupported(NestedPart part) => part switch
    {
        SinglePart single => IsText(single),
        ExternalPart external => AttachmentManifest.TryRead(external, out _),
        MultiPart { Semantics: PartSemantics.SingleUnit } unit => unit.Parts.All(IsSupported),
        MultiPart multi => multi.Parts.Any(IsSupported),
        _ => false,
    };

    private static bool IsText(SinglePart part)
        => part.Disposition is not (Disposition.Reaction or Disposition.Profile or Disposition.Session)
            && (MediaType.Is(part.ContentType, MediaType.Plain) || MediaType.Is(part.ContentType, MediaType.Markdown))
            && part.Content.Length <= ContentLimits.TextBytes
            && Utf8.IsValid(part.Content.Span);

    private void AddText(SinglePart part)
    {
        if (_text.Length + part.Content.Length > ContentLimits.TextBytes)
        {
            AddUnsupported(part);
            return;
        }
        if (_anyText)
            _text.Append('\n');
        _anyText = true;
        _text.Append(Encoding.UTF8.GetString(part.Content.Span));
        if (MediaType.Is(part.ContentType, MediaType.Plain))
            Format = TextFormat.Plain;
    }
}
