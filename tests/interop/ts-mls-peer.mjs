// A peer that speaks MLS with ts-mls. Clients are named by the caller and hold one key pair each; a client may be in many groups.
import {
  createApplicationMessage, createCommit, createGroup, createProposal, decodeMlsMessage, emptyPskIndex, encodeMlsMessage,
  generateKeyPackageWithKey, getCiphersuiteFromName, getCiphersuiteImpl, joinGroup, joinGroupExternal, makePskIndex, mlsExporter,
  nobleCryptoProvider, processPrivateMessage, processPublicMessage, acceptAll, ciphersuites, bytesToBase64, defaultLifetime,
} from "ts-mls"
import { defaultClientConfig } from "ts-mls/clientConfig.js"
import { createGroupInfo } from "ts-mls/createCommit.js"
import { ratchetTreeEncoder } from "ts-mls/ratchetTree.js"
import { encode } from "ts-mls/codec/tlsEncoder.js"
import { p256 } from "@noble/curves/nist.js"
import { hex, serve, unhex } from "./lines.mjs"

const clients = new Map()
const suites = new Map()

async function suiteOf(id) {
  if (!suites.has(id)) {
    const name = Object.keys(ciphersuites).find((key) => ciphersuites[key] === id)
    const suite = await getCiphersuiteImpl(getCiphersuiteFromName(name), nobleCryptoProvider)
    suites.set(id, { ...suite, hpke: withPrefixedKeys(suite.hpke), signature: id === 2 ? withUncompressedKeys(suite.signature) : suite.signature })
  }
  return suites.get(id)
}

// ts-mls 1.6.4 takes the external_pub extension for a bare key; RFC 9420 §12.4.3.2 has an HPKEPublicKey there, which is a vector.
// An X25519 key is 32 bytes and a P-256 point 65, so that a prefixed one is told by its length.
function withPrefixedKeys(hpke) {
  const bare = (key) =>
    key.length === 33 && key[0] === 32 ? key.slice(1) : key.length === 67 && key[0] === 0x40 && key[1] === 65 ? key.slice(2) : key
  return { ...hpke, importPublicKey: (key) => hpke.importPublicKey(bare(key)) }
}

// ts-mls 1.6.4 makes compressed P-256 signature keys; RFC 9420 §5.1.1 wants uncompressed points (it verifies with both).
function withUncompressedKeys(signature) {
  return {
    ...signature,
    async keygen() {
      const signKey = p256.utils.randomSecretKey()
      return { signKey, publicKey: p256.getPublicKey(signKey, false) }
    },
  }
}

function prefixed(key) {
  return key.length < 64 ? new Uint8Array([key.length, ...key]) : new Uint8Array([0x40 | (key.length >> 8), key.length & 255, ...key])
}

const clientOf = (name) => clients.get(name) ?? fail(`no client ${name}`)
const groupOf = (client, group) => client.groups.get(group) ?? fail(`${client.name} is not in group ${group}`)
const stateOf = (request) => groupOf(clientOf(request.client), request.group)
const fail = (reason) => { throw new Error(reason) }
const mls = (content) => hex(encodeMlsMessage({ version: "mls10", ...content }))

function read(message, wireformat) {
  const bytes = unhex(message)
  const decoded = decodeMlsMessage(bytes, 0)
  if (decoded === undefined || decoded[1] !== bytes.length) fail("not one MLSMessage")
  if (wireformat !== undefined && decoded[0].wireformat !== wireformat) fail(`${decoded[0].wireformat} where ${wireformat} is due`)
  return decoded[0]
}

const pskIndexOf = (client, state) => makePskIndex(state, client.psks)

// The tree travels in the Welcome; a GroupInfo for external commits carries the tree and the external key.
async function groupInfoOf(client, state) {
  const external = await client.suite.hpke.deriveKeyPair(state.keySchedule.externalSecret)
  const key = await client.suite.hpke.exportPublicKey(external.publicKey)
  const groupInfo = await createGroupInfo(state.groupContext, state.confirmationTag, state, [
    { extensionType: "ratchet_tree", extensionData: encode(ratchetTreeEncoder)(state.ratchetTree) },
    { extensionType: "external_pub", extensionData: prefixed(key) },
  ], client.suite)
  return mls({ wireformat: "mls_group_info", groupInfo })
}

// A commit is kept aside until "merge": the caller decides which of two racing commits wins.
async function commit(request, extraProposals) {
  const client = clientOf(request.client)
  const state = groupOf(client, request.group)
  const result = await createCommit(
    { state, cipherSuite: client.suite, pskIndex: pskIndexOf(client, state) },
    {
      wireAsPublicMessage: request.private !== true,
      extraProposals,
      ratchetTreeExtension: true,
      authenticatedData: request.aad === undefined ? undefined : unhex(request.aad),
    },
  )
  client.pending.set(request.group, result.newState)
  return {
    commit: hex(encodeMlsMessage(result.commit)),
    welcome: result.welcome && mls({ wireformat: "mls_welcome", welcome: result.welcome }),
  }
}

async function propose(request, proposal) {
  const client = clientOf(request.client)
  const result = await createProposal(groupOf(client, request.group), request.private !== true, proposal, client.suite)
  client.groups.set(request.group, result.newState)
  return { message: hex(encodeMlsMessage(result.message)) }
}

const addOf = (keyPackage) => ({ proposalType: "add", add: { keyPackage: read(keyPackage, "mls_key_package").keyPackage } })
function removeOf(state, identity) {
  const node = state.ratchetTree.findIndex((entry) => entry?.nodeType === "leaf" && hex(entry.leaf.credential.identity) === identity)
  if (node < 0) fail("no member of that identity")
  return { proposalType: "remove", remove: { removed: node / 2 } }
}
const pskOf = (client, id) => ({
  proposalType: "psk",
  psk: { preSharedKeyId: { psktype: "external", pskId: unhex(id), pskNonce: client.suite.rng.randomBytes(client.suite.kdf.size) } },
})

await serve({
  async client(request) {
    const suite = await suiteOf(request.suite)
    const capabilities = {
      versions: ["mls10"],
      ciphersuites: [suite.name],
      extensions: (request.extensions ?? []).map(Number),
      proposals: [],
      credentials: ["basic", "x509"], // core-crypto lets nobody in who could not meet an x509 member.
    }
    const signature = await suite.signature.keygen()
    const credential = { credentialType: "basic", identity: unhex(request.identity) }
    clients.set(request.client, {
      name: request.client, suite, capabilities, credential, signature, packages: new Map(), groups: new Map(), pending: new Map(), psks: {},
    })
  },

  async key_package(request) {
    const client = clientOf(request.client)
    const pair = await generateKeyPackageWithKey(client.credential, client.capabilities, defaultLifetime, [], client.signature, client.suite)
    client.packages.set(hex(pair.publicPackage.initKey), pair)
    return { message: mls({ wireformat: "mls_key_package", keyPackage: pair.publicPackage }) }
  },

  async create(request) {
    const client = clientOf(request.client)
    const pair = await generateKeyPackageWithKey(client.credential, client.capabilities, defaultLifetime, [], client.signature, client.suite)
    client.groups.set(request.group, await createGroup(unhex(request.group), pair.publicPackage, pair.privatePackage, [], client.suite))
  },

  psk(request) {
    clientOf(request.client).psks[bytesToBase64(unhex(request.psk_id))] = unhex(request.psk)
  },

  add: (request) => commit(request, request.key_packages.map(addOf)),
  remove: (request) => commit(request, request.identities.map((identity) => removeOf(stateOf(request), identity))),
  update: (request) => commit(request, []),
  commit: (request) => commit(request, []),
  use_psk: (request) => commit(request, [pskOf(clientOf(request.client), request.psk_id)]),
  propose_add: (request) => propose(request, addOf(request.key_package)),
  propose_remove: (request) => propose(request, removeOf(stateOf(request), request.identity)),
  propose_psk: (request) => propose(request, pskOf(clientOf(request.client), request.psk_id)),

  merge(request) {
    const client = clientOf(request.client)
    client.groups.set(request.group, client.pending.get(request.group) ?? fail("no commit is pending"))
    client.pending.delete(request.group)
  },

  discard(request) {
    clientOf(request.client).pending.delete(request.group)
  },

  async join(request) {
    const client = clientOf(request.client)
    const { welcome } = read(request.welcome, "mls_welcome")
    for (const [key, pair] of client.packages) {
      let state
      try {
        state = await joinGroup(welcome, pair.publicPackage, pair.privatePackage, pskIndexOf(client), client.suite)
      } catch (error) {
        if (error.message === "No matching secret found") continue // This Welcome was made for another key package.
        throw error
      }
      client.packages.delete(key)
      client.groups.set(hex(state.groupContext.groupId), state)
      return { group: hex(state.groupContext.groupId) }
    }
    fail("no key package opens this Welcome")
  },

  async join_external(request) {
    const client = clientOf(request.client)
    const { groupInfo } = read(request.group_info, "mls_group_info")
    const pair = await generateKeyPackageWithKey(client.credential, client.capabilities, defaultLifetime, [], client.signature, client.suite)
    const result = await joinGroupExternal(groupInfo, pair.publicPackage, pair.privatePackage, request.resync === true, client.suite)
    client.pending.set(hex(groupInfo.groupContext.groupId), result.newState)
    return { commit: mls({ wireformat: "mls_public_message", publicMessage: result.publicMessage }), group: hex(groupInfo.groupContext.groupId) }
  },

  async group_info(request) {
    const client = clientOf(request.client)
    return { message: await groupInfoOf(client, groupOf(client, request.group)) }
  },

  async send(request) {
    const client = clientOf(request.client)
    const aad = request.aad === undefined ? undefined : unhex(request.aad)
    const result = await createApplicationMessage(groupOf(client, request.group), unhex(request.plaintext), client.suite, aad)
    client.groups.set(request.group, result.newState)
    return { message: mls({ wireformat: "mls_private_message", privateMessage: result.privateMessage }) }
  },

  async process(request) {
    const client = clientOf(request.client)
    const state = groupOf(client, request.group)
    const message = read(request.message)
    const psks = pskIndexOf(client, state)
    const result =
      message.wireformat === "mls_private_message"
        ? await processPrivateMessage(state, message.privateMessage, psks, client.suite, acceptAll)
        : message.wireformat === "mls_public_message"
          ? await processPublicMessage(state, message.publicMessage, psks, client.suite, acceptAll)
          : fail(`${message.wireformat} is not for a group`)
    client.groups.set(request.group, result.newState)
    if (result.kind === "applicationMessage") return { kind: "application", plaintext: hex(result.message) }
    if (result.newState.groupActiveState.kind === "removedFromGroup") return { kind: "removed" }
    return { kind: result.newState.groupContext.epoch === state.groupContext.epoch ? "proposal" : "commit" }
  },

  async state(request) {
    const client = clientOf(request.client)
    const state = groupOf(client, request.group)
    const exported = await mlsExporter(state.keySchedule.exporterSecret, "exporter", new Uint8Array(), 32, client.suite)
    return {
      epoch: Number(state.groupContext.epoch),
      leaf: state.privatePath.leafIndex,
      exported: hex(exported),
      epoch_authenticator: hex(state.keySchedule.epochAuthenticator),
      tree_hash: hex(state.groupContext.treeHash),
    }
  },
})
