namespace HardwareChat.Mls;

/// <summary>A node of a filtered direct path (RFC 9420 §4.1.2), and its child on the copath, whose resolution is not empty.</summary>
internal readonly record struct PathStep(NodeIndex Node, NodeIndex Copath);
