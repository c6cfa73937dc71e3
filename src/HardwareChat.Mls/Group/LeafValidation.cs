namespace HardwareChat.Mls;

// RFC 9420 §7.3, in its order, but for three checks that stand where their context is: uniqueness of keys and the members' credential
// types (ProposalApplication, with the tree), the application's judgement (last, when all else is right).

/// <summary>What must hold of every leaf that enters the tree.</summary>
internal static class LeafValidation
{
    /// <summary>Checks a leaf against itself and the group's context.</summary>
    /// <param name="suite">The group's.</param>
    /// <param name="leaf">The leaf.</param>
    /// <param name="groupId">The group's.</param>
    /// <param name="index">Where the leaf is to stand.</param>
    /// <param name="extensions">The context's extensions when the leaf enters, and <paramref name="required"/> as found among them.</param>
    /// <param name="required">required_capabilities, or null.</param>
    public static void Validate(
        CipherSuite suite, LeafNode leaf, GroupId groupId, LeafIndex index, ExtensionList extensions, RequiredCapabilities? required)
        => Validate(suite, leaf, leaf.VerifySignature(suite, groupId, index), extensions, required);

    private static void Validate(CipherSuite suite, LeafNode leaf, bool isSigned, ExtensionList extensions, RequiredCapabilities? required)
    {
        // RFC 9420 §5.1.1: keys are of the suite's form.
        if (!suite.IsValid(leaf.EncryptionKey))
            throw new ValidationException(ValidationRule.EncryptionKeyWellFormed, "the leaf's encryption key is none of the suite");
        if (!suite.IsValid(leaf.SignatureKey))
            throw new ValidationException(ValidationRule.SignatureKeyWellFormed, "the leaf's signature key is none of the suite");

        // RFC 9420 §7.3: "Verify that the signature on the LeafNode is valid using signature_key."
        if (!isSigned)
            throw new ValidationException(ValidationRule.LeafSignature, "the leaf's signature is wrong");
        ValidateCapabilities(suite, leaf, extensions, required);
    }

    /// <summary>The checks that remain where signature and keys have been checked with the whole tree.</summary>
    public static void ValidateCapabilities(CipherSuite suite, LeafNode leaf, ExtensionList extensions, RequiredCapabilities? required)
    {
        Capabilities capabilities = leaf.Capabilities;

        // RFC 9420 §7.2: "The client MUST list all values for the respective parameters that it supports": version and suite of the group too.
        if (!capabilities.Supports(ProtocolVersion.Mls10) || !capabilities.Supports(suite.Id))
            throw new ValidationException(ValidationRule.LeafSupportsGroup, "the leaf does not list the group's version and cipher suite");

        // RFC 9420 §7.3: "If the GroupContext has a required_capabilities extension, then the required extensions, proposals, and credential
        // types MUST be listed in the LeafNode's capabilities field."
        if (required is not null && !capabilities.Supports(required))
            throw new ValidationException(ValidationRule.RequiredCapabilities, "the leaf lacks a required capability");

        // RFC 9420 §13.4: "The capabilities field MUST indicate support for each extension in the GroupContext."
        foreach (Extension extension in extensions)
        {
            if (!capabilities.Supports(extension.Type))
                throw new ValidationException(ValidationRule.GroupContextExtensionsSupported, $"the leaf does not support {extension.Type} of the group");
        }

        // RFC 9420 §7.2: "the credential type used in the LeafNode MUST be included in the credentials field of the capabilities field".
        if (!capabilities.Supports(leaf.Credential.Type))
            throw new ValidationException(ValidationRule.OwnCredentialTypeListed, "the leaf does not list its own credential type");

        // RFC 9420 §7.3: "the ID for each extension in the extensions field is listed in the capabilities.extensions field of the LeafNode."
        foreach (Extension extension in leaf.Extensions)
        {
            if (!capabilities.Supports(extension.Type))
                throw new ValidationException(ValidationRule.LeafExtensionsListed, $"the leaf carries {extension.Type} without listing it");
        }
    }

    /// <summary>Verifies both signatures of key packages, on all cores if they are many; what is wrong, <see cref="Validate(CipherSuite, KeyPackage, KeyPackageSignatures, ExtensionList, RequiredCapabilities?, GroupPolicy)"/> says.</summary>
    public static KeyPackageSignatures[] VerifySignatures(CipherSuite suite, GroupId groupId, IReadOnlyList<KeyPackage> keyPackages)
    {
        var verified = new KeyPackageSignatures[keyPackages.Count];

        // The leaf of a key package is signed without group and index.
        Cores.ForEach(verified.Length, i => verified[i] = new KeyPackageSignatures(
            keyPackages[i].LeafNode.VerifySignature(suite, groupId, default), keyPackages[i].VerifySignature(suite)));
        return verified;
    }

    /// <summary>Checks a key package that an Add brings, its leaf included.</summary>
    public static void Validate(
        CipherSuite suite, KeyPackage keyPackage, KeyPackageSignatures signatures, ExtensionList extensions, RequiredCapabilities? required, GroupPolicy policy)
    {
        // RFC 9420 §10.1: "Verify that the cipher suite and protocol version of the KeyPackage match those in the GroupContext." (ValSem105)
        if (keyPackage.Version != ProtocolVersion.Mls10 || keyPackage.CipherSuite != suite.Id)
            throw new ValidationException(ValidationRule.KeyPackageMatchesGroup, "the key package is of another version or cipher suite");

        // RFC 9420 §7.3: "If the LeafNode appears in a KeyPackage, verify that leaf_node_source is set to key_package."
        if (keyPackage.LeafNode.Source != LeafNodeSource.KeyPackage)
            throw new ValidationException(ValidationRule.LeafSourceKeyPackage, "the leaf of a key package was not made for one");

        // RFC 9420 §10.1: "Verify that the leaf_node of the KeyPackage is valid for a KeyPackage".
        Validate(suite, keyPackage.LeafNode, signatures.Leaf, extensions, required);
        ValidateLifetime(keyPackage.LeafNode.Lifetime!.Value, policy);

        // RFC 9420 §10.1: "Verify that the signature on the KeyPackage is valid using the public key in leaf_node.credential."
        if (!signatures.KeyPackage)
            throw new ValidationException(ValidationRule.KeyPackageSignature, "the key package's signature is wrong");

        // RFC 9420 §10: init_key "MUST be a public key for the asymmetric encryption scheme defined by cipher_suite".
        if (!suite.IsValid(keyPackage.InitKey))
            throw new ValidationException(ValidationRule.EncryptionKeyWellFormed, "the init key is none of the suite");

        // RFC 9420 §10.1: "the value of leaf_node.encryption_key is different from the value of the init_key field." (ValSem104)
        if (keyPackage.InitKey.Equals(keyPackage.LeafNode.EncryptionKey))
            throw new ValidationException(ValidationRule.InitKeyDistinct, "the init key is the leaf's encryption key");
    }

    /// <summary>Asks the application, when all else is right.</summary>
    public static void Judge(GroupPolicy policy, LeafEntry entry)
    {
        // RFC 9420 §7.3: "Verify that the credential in the LeafNode is valid"; §5.3.1: for a replaced credential "the AS MUST also verify
        // that the set of presented identifiers in the new credential is valid as a successor".
        if (policy.Credentials.Accepts(entry))
            return;
        throw new ValidationException(
            entry.Former is null ? ValidationRule.CredentialAccepted : ValidationRule.CredentialSuccession, $"the application refuses the credential of {entry.Index}");
    }

    /// <summary>Asks the application about external senders that were not in the context before.</summary>
    public static void JudgeExternalSenders(GroupPolicy policy, GroupContext context, ExtensionList extensions)
    {
        // RFC 9420 §5.3.1: "When an external_senders extension is added to the group" or "updated".
        foreach (ExternalSender sender in ExternalSender.FindIn(extensions))
        {
            if (!policy.Credentials.AcceptsExternalSender(sender, context))
                throw new ValidationException(ValidationRule.ExternalSenderCredentialAccepted, "the application refuses an external sender");
        }
    }

    private static void ValidateLifetime(Lifetime lifetime, GroupPolicy policy)
    {
        // RFC 9420 §7.3: "verify that the current time is within the range of the lifetime field".
        if (policy.Time is { } time && !lifetime.Contains(time))
            throw new ValidationException(ValidationRule.Lifetime, "the time is not within the leaf's lifetime");

        // RFC 9420 §7.2: "reject any LeafNode where the total lifetime is longer than this duration".
        if (policy.MaxLifetime is { } most && (lifetime.NotAfter < lifetime.NotBefore || lifetime.NotAfter - lifetime.NotBefore > most))
            throw new ValidationException(ValidationRule.LifetimeTotal, "the leaf's lifetime is too long");
    }
}

/// <summary>Whether the two signatures of a key package are right.</summary>
internal readonly record struct KeyPackageSignatures(bool Leaf, bool KeyPackage);
