using System.Text.Json.Nodes;

namespace HardwareChat.Mls.Interop.Tests.Peers;

/// <summary>A member that runs on a foreign implementation; many share one process.</summary>
internal sealed class NodeParty : Party
{
    private readonly PeerProcess _process;
    private string _group = "";
    private byte[]? _lastGroupInfo;

    public NodeParty(PeerProcess process, string name, CipherSuiteId suite, byte[] identity)
        : base(name, suite, identity)
    {
        _process = process;
        Call("client", ("suite", suite.Value), ("identity", Hex(identity)));
    }

    public override byte[] KeyPackage() => Bytes(Call("key_package"), "message")!;

    public override void Create(byte[] groupId)
    {
        _group = Hex(groupId);
        Call("create");
    }

    public override Handshake Add(params byte[][] keyPackages) => Commit("add", ("key_packages", List(keyPackages)));

    public override Handshake Remove(params Party[] members) => Commit("remove", ("identities", List([.. members.Select(member => member.Identity)])));

    public override Handshake Update() => Commit("update");

    public override Handshake CommitPending() => Commit("commit");

    public override Handshake UsePsk(byte[] id) => Commit("use_psk", ("psk_id", Hex(id)));

    public override byte[] ProposeAdd(byte[] keyPackage) => Bytes(Call("propose_add", ("key_package", Hex(keyPackage))), "message")!;

    public override byte[] ProposeRemove(Party member) => Bytes(Call("propose_remove", ("identity", Hex(member.Identity))), "message")!;

    public override byte[] ProposeUpdate() => Bytes(Call("propose_update"), "message")!;

    public override void KnowPsk(byte[] id, byte[] psk) => Call("psk", ("psk_id", Hex(id)), ("psk", Hex(psk)));

    public override void Merge() => Call("merge");

    public override void Join(byte[] welcome) => _group = (string)Call("join", ("welcome", Hex(welcome)))["group"]!;

    public override Handshake JoinExternally(byte[] groupInfo, bool resync)
    {
        JsonObject answer = Call("join_external", ("group_info", Hex(groupInfo)), ("resync", resync));
        _group = (string)answer["group"]!;
        _lastGroupInfo = Bytes(answer, "group_info");
        return new Handshake(Bytes(answer, "commit")!, null);
    }

    // core-crypto makes a GroupInfo with each commit, and none else; ts-mls whenever it is asked.
    public override byte[] GroupInfo() => _lastGroupInfo ?? Bytes(Call("group_info"), "message")!;

    public override byte[] Send(byte[] plaintext, byte[]? authenticatedData = null)
        => Bytes(Call("send", ("plaintext", Hex(plaintext)), ("aad", authenticatedData is null ? null : Hex(authenticatedData))), "message")!;

    public override Received Receive(byte[] message)
    {
        JsonObject answer = Call("process", ("message", Hex(message)));
        Received kind = Enum.Parse<Received>((string)answer["kind"]!, ignoreCase: true);
        if (kind == Received.Application)
            Heard = Bytes(answer, "plaintext")!;
        if (kind == Received.Commit)
            _lastGroupInfo = null;
        return kind;
    }

    public override Agreement State()
    {
        JsonObject answer = Call("state");
        return new Agreement((ulong)answer["epoch"]!, (string)answer["exported"]!);
    }

    private Handshake Commit(string operation, params (string Name, JsonNode? Value)[] members)
    {
        JsonObject answer = Call(operation, members);
        _lastGroupInfo = Bytes(answer, "group_info");
        return new Handshake(Bytes(answer, "commit")!, Bytes(answer, "welcome"));
    }

    private JsonObject Call(string operation, params (string Name, JsonNode? Value)[] members)
    {
        var request = new JsonObject { ["client"] = Name, ["group"] = _group };
        foreach ((string name, JsonNode? value) in members)
        {
            if (value is not null)
                request[name] = value;
        }

        return _process.Call(operation, request);
    }

    private static JsonArray List(byte[][] items) => new([.. items.Select(item => (JsonNode)Hex(item))]);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static byte[]? Bytes(JsonObject answer, string name) => (string?)answer[name] is string text ? Convert.FromHexString(text) : null;
}
