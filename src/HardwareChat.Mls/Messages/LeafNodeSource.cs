namespace HardwareChat.Mls;

// RFC 9420 §7.2
//
//   enum {
//       reserved(0),
//       key_package(1),
//       update(2),
//       commit(3),
//       (255)
//   } LeafNodeSource;

/// <summary>How a leaf came into the tree.</summary>
public enum LeafNodeSource
{
    /// <summary>No source: never in a leaf.</summary>
    None = 0,

    /// <summary>From a key package, by an Add.</summary>
    KeyPackage = 1,

    /// <summary>From an Update.</summary>
    Update = 2,

    /// <summary>From the path of a commit.</summary>
    Commit = 3,
}
