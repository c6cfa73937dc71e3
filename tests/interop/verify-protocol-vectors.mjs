// Reads tests/vectors/*.json by docs/PROTOCOL.md alone, with Node's built-in crypto: a second reader of the protocol.
//
//   node tests/interop/verify-protocol-vectors.mjs tests/vectors
//
// Prints one line a file. Argon2id is Node's own from 24.7 on, else that of the package hash-wasm; where there is neither, a line says
// that it is NOT CHECKED: the phrase vectors carry its output, and what follows from it is checked in any case.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const folder = process.argv[2] ?? 'tests/vectors';
const read = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
const bytes = (hex) => Buffer.from(hex, 'hex');
const ascii = (text) => Buffer.from(text, 'ascii');

let checks = 0;
function equal(actual, expected, what) {
  const a = Buffer.isBuffer(actual) ? actual.toString('hex') : String(actual);
  const e = Buffer.isBuffer(expected) ? expected.toString('hex') : String(expected);
  if (a !== e) throw new Error(`${what}: expected ${e}, got ${a}`);
  checks++;
}
function holds(condition, what) {
  if (!condition) throw new Error(`${what} does not hold`);
  checks++;
}

// --- Conventions (§1) -----------------------------------------------------------------------------------------------------
const sha256 = (...parts) => crypto.createHash('sha256').update(Buffer.concat(parts)).digest();
const labelled = (label, x) => Buffer.concat([ascii(`HardwareChat 1 ${label}`), Buffer.from([0]), x]);
const H = (label, x) => sha256(labelled(label, x));
const hmac = (key, ...parts) => crypto.createHmac('sha256', key).update(Buffer.concat(parts)).digest();

function uint(size, value) {
  const b = Buffer.alloc(size);
  let rest = BigInt(value);
  for (let i = size - 1; i >= 0; i--, rest >>= 8n) b[i] = Number(rest & 255n);
  return b;
}
const uint8 = (v) => uint(1, v);
const uint16 = (v) => uint(2, v);
const uint32 = (v) => uint(4, v);
const uint64 = (v) => uint(8, v);
function vector(...parts) {
  const body = Buffer.concat(parts);
  const n = body.length;
  const prefix = n < 64 ? uint8(n) : n < 16384 ? uint16(n | 0x4000) : uint32(n + 0x80000000);
  return Buffer.concat([prefix, body]);
}
function readVector(b, at) {
  const size = 1 << (b[at] >> 6);
  let n = b[at] & 0x3f;
  for (let i = 1; i < size; i++) n = n * 256 + b[at + i];
  return [b.subarray(at + size, at + size + n), at + size + n];
}

const ED25519 = 0x0807;
const spkiEd25519 = (raw) => Buffer.concat([bytes('302a300506032b6570032100'), raw]);
const spkiX25519 = (raw) => Buffer.concat([bytes('302a300506032b656e032100'), raw]);
const pkcs8X25519 = (raw) => Buffer.concat([bytes('302e020100300506032b656e04220420'), raw]);

const ORDERS = {
  64: BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  96: BigInt('0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973'),
};
function verify(spki, input, signature) {
  const key = crypto.createPublicKey({ key: spki, format: 'der', type: 'spki' });
  if (key.asymmetricKeyType === 'ed25519') return crypto.verify(null, input, key, signature);
  const half = signature.length / 2;
  const s = BigInt('0x' + signature.subarray(half).toString('hex'));
  if (s === 0n || s > ORDERS[signature.length] / 2n) return false;
  return crypto.verify(half === 48 ? 'sha384' : 'sha256', input, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

// RFC 9162 §2.1, by its recursive definition.
const leafHash = (input) => sha256(Buffer.from([0]), input);
const nodeHash = (l, r) => sha256(Buffer.from([1]), l, r);
function mth(hashes) {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0];
  let k = 1;
  while (2 * k < hashes.length) k *= 2;
  return nodeHash(mth(hashes.slice(0, k)), mth(hashes.slice(k)));
}
// A path is walked from the root downwards, so that it must have exactly the length that index and size demand.
function rootOf(leaf, index, size, steps) {
  if (size === 1) return steps.length === 0 ? leaf : null;
  let k = 1;
  while (2 * k < size) k *= 2;
  const last = steps.at(-1);
  if (last === undefined) return null;
  const below = index < k ? rootOf(leaf, index, k, steps.slice(0, -1)) : rootOf(leaf, index - k, size - k, steps.slice(0, -1));
  if (below === null) return null;
  return index < k ? nodeHash(below, last) : nodeHash(last, below);
}

// --- Touches (§2) -----------------------------------------------------------------------------------------------------------
function touches({ touches: list }) {
  for (const t of list) {
    equal(sha256(bytes(t.token_spki)), t.token_id, 'token_id');
    const encoded = Buffer.concat([
      uint16(1), bytes(t.registry_id), bytes(t.token_id), uint64(t.registry_size), bytes(t.registry_root),
      uint16(t.session_scheme), vector(bytes(t.session_key)), uint64(t.issued_at), uint64(t.not_after), uint32(t.count), bytes(t.root),
    ]);
    equal(encoded, t.touch, 'touch');
    equal(t.session_scheme, ED25519, 'session_scheme');
    equal(labelled('touch', encoded), t.signing_input, 'signing_input');
    equal(H('session', encoded), t.session_id, 'session_id');
    const signature = bytes(t.signature);
    holds(verify(bytes(t.token_spki), labelled('touch', encoded), signature), 'signature of a touch');
    holds(!verify(bytes(t.token_spki), encoded, signature), 'that a bare touch is not what was signed');
    equal(t.grants.length, t.count, 'count');
    const items = t.grants.map((g) => Buffer.concat([uint8(g.purpose), vector(bytes(g.context)), vector(...g.keys.map(bytes)), uint64(g.enter_by)]));
    equal(mth(items.map(leafHash)), t.root, 'root');
    t.grants.forEach((g, i) => {
      const steps = g.path.map(bytes);
      equal(rootOf(leafHash(items[i]), g.index, t.count, steps) ?? 'none', t.root, 'path');
      holds(rootOf(leafHash(items[i]), g.index, t.count, [...steps, steps[0] ?? bytes(t.root)]) === null, 'that a longer path is refused');
      equal(Buffer.concat([encoded, vector(signature), items[i], uint32(g.index), vector(...steps)]), g.signed_grant, 'signed_grant');
    });
  }
}

// --- Merkle trees (RFC 9162) --------------------------------------------------------------------------------------------------
function merkle({ leaf_inputs, roots, paths }) {
  const hashes = leaf_inputs.map((input) => leafHash(bytes(input)));
  roots.forEach((root, size) => equal(mth(hashes.slice(0, size)), root, `root of ${size}`));
  for (const p of paths) equal(rootOf(hashes[p.index], p.index, p.size, p.path.map(bytes)) ?? 'none', roots[p.size], `path of ${p.index} in ${p.size}`);
}

// --- The registry (§3) --------------------------------------------------------------------------------------------------------
function registry(v) {
  equal(H('relay', bytes(v.relay_key)), v.relay_id, 'relay_id');
  const keys = new Map();
  for (const s of v.signers) {
    const key = bytes(s.public_key);
    equal(s.kind === '9A' ? sha256(key) : H('key', key), s.signer, 'signer');
    keys.set(s.signer, s.kind === 'raw' ? spkiEd25519(key) : key);
  }
  const hashes = [];
  v.leaves.forEach((leaf, index) => {
    const statement = bytes(leaf.statement);
    equal(H('statement', statement), leaf.statement_id, 'statement_id');
    if (index === 0) equal(leaf.statement_id, v.registry_id, 'registry_id');
    const [body, end] = readVector(statement, 83);
    holds(end === statement.length && body.length > 0, 'that the body ends the statement');
    const head = Buffer.concat([
      uint16(1), index === 0 ? Buffer.alloc(32) : bytes(v.registry_id), uint64(leaf.base_size), bytes(leaf.base_root),
      statement.subarray(74, 82), uint8(leaf.kind),
    ]);
    equal(statement.subarray(0, 83), head, 'head of a statement');
    equal(mth(hashes.slice(0, leaf.base_size)), leaf.base_root, 'base_root');
    for (const s of leaf.signatures) holds(verify(keys.get(s.signer), labelled('statement', statement), bytes(s.signature)), 'signature of a statement');
    const signed = Buffer.concat([vector(statement), vector(...leaf.signatures.flatMap((s) => [bytes(s.signer), vector(bytes(s.signature))]))]);
    const encoded = Buffer.concat([signed, uint64(leaf.appended_at)]);
    equal(encoded, leaf.leaf, 'leaf');
    hashes.push(leafHash(encoded));
    equal(mth(hashes), leaf.root, 'root');
    checkpoint(leaf.checkpoint, v, hashes.length, leaf.root);
  });
}
function checkpoint(note, v, size, root) {
  const split = note.indexOf('\n\n');
  const text = note.slice(0, split + 1);
  const origin = `hwchat.log/${v.registry_id}`;
  equal(text, `${origin}\n${size}\n${bytes(root).toString('base64')}\n`, 'text of a checkpoint');
  const [dash, name, blob] = note.slice(split + 2).trimEnd().split(' ');
  equal(dash, '\u2014', 'dash');
  equal(name, origin, 'key name');
  const line = Buffer.from(blob, 'base64');
  const id = sha256(Buffer.from(`${origin}\n`, 'utf8'), Buffer.from([1]), bytes(v.relay_key)).subarray(0, 4);
  equal(line.subarray(0, 4), id, 'key id');
  holds(verify(spkiEd25519(bytes(v.relay_key)), Buffer.from(text, 'utf8'), line.subarray(4)), 'signature of a checkpoint');
}

// --- Rooms (§4) ---------------------------------------------------------------------------------------------------------------
function hkdf(ikm, salt, info, length) {
  return Buffer.from(crypto.hkdfSync('sha256', ikm, salt, info, length));
}
function room(v) {
  const genesis = Buffer.concat([bytes(v.registry_id), vector(...v.owners.map((owner) => vector(ascii(owner)))), bytes(v.nonce)]);
  equal(genesis, v.genesis, 'genesis');
  equal(H('room', genesis), v.room_id, 'room_id');
  const receiptKey = hkdf(bytes(v.relay_seed), Buffer.alloc(0), labelled('receipt key', Buffer.alloc(0)), 32);
  let previous = bytes(v.room_id);
  v.entries.forEach((e, sequence) => {
    equal(e.sequence, sequence, 'sequence');
    const entry = Buffer.concat([
      bytes(v.room_id), uint64(e.sequence), previous, uint64(e.time), uint64(e.registry_size), uint8(e.kind), sha256(bytes(e.message)),
    ]);
    equal(entry, e.entry, 'entry');
    previous = H('room entry', entry);
    equal(previous, e.entry_hash, 'entry_hash');
    equal(hmac(receiptKey, labelled('entry receipt', previous)), e.receipt, 'receipt');
  });
  const s = v.seen;
  equal(s.room_head, previous, 'room_head');
  equal(Buffer.concat([uint64(s.room_size), bytes(s.room_head), uint64(s.registry_size), bytes(s.registry_root)]), s.seen, 'seen');
}
async function findArgon2id() {
  if (crypto.argon2Sync)
    return ({ phrase, salt, memory, passes }) =>
      crypto.argon2Sync('argon2id', { message: phrase, nonce: salt, parallelism: 1, tagLength: 32, memory, passes });
  try {
    const { argon2id } = await import('hash-wasm');
    return ({ phrase, salt, memory, passes }) =>
      argon2id({ password: phrase, salt, parallelism: 1, hashLength: 32, memorySize: memory, iterations: passes, outputType: 'hex' });
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.log('phrase.json: Argon2id is not checked: neither Node nor the package hash-wasm has it here');
    return null;
  }
}

async function phrases({ phrases: list }) {
  const argon2id = await findArgon2id();
  for (const p of list) {
    if (argon2id)
      equal(await argon2id({ phrase: bytes(p.phrase_utf8), salt: bytes(p.salt), memory: p.memory, passes: p.passes }), p.argon2id, 'argon2id');
    const id = labelled('phrase', Buffer.concat([bytes(p.room_id), uint32(p.version)]));
    equal(id, p.psk_id, 'psk_id');
    equal(hkdf(bytes(p.argon2id), bytes(p.room_id), id, 32), p.psk, 'psk');
  }
}

// --- The channel (§5): Noise_XX_25519_ChaChaPoly_SHA256, rev 34, from the private keys on ---------------------------------------
function x25519(secret, point) {
  return crypto.diffieHellman({
    privateKey: crypto.createPrivateKey({ key: pkcs8X25519(secret), format: 'der', type: 'pkcs8' }),
    publicKey: crypto.createPublicKey({ key: spkiX25519(point), format: 'der', type: 'spki' }),
  });
}
function publicOf(secret) {
  const key = crypto.createPublicKey(crypto.createPrivateKey({ key: pkcs8X25519(secret), format: 'der', type: 'pkcs8' }));
  return key.export({ format: 'der', type: 'spki' }).subarray(12);
}
function nonceOf(n) {
  const b = Buffer.alloc(12);
  b.writeBigUInt64LE(BigInt(n), 4);
  return b;
}
class Cipher {
  constructor(k) {
    this.k = k;
    this.n = 0;
  }
  seal(ad, plaintext, n = this.n++) {
    const c = crypto.createCipheriv('chacha20-poly1305', this.k, nonceOf(n), { authTagLength: 16 });
    c.setAAD(ad, { plaintextLength: plaintext.length });
    return Buffer.concat([c.update(plaintext), c.final(), c.getAuthTag()]);
  }
  rekey() {
    this.k = this.seal(Buffer.alloc(0), Buffer.alloc(32), 2n ** 64n - 1n).subarray(0, 32);
  }
}
function noiseHkdf(ck, ikm) {
  const temp = hmac(ck, ikm);
  const one = hmac(temp, Buffer.from([1]));
  return [one, hmac(temp, one, Buffer.from([2]))];
}
function channel(v) {
  const none = Buffer.alloc(0);
  const prologue = Buffer.concat([labelled('channel', none), vector(ascii(v.offered)), vector(ascii(v.chosen)), bytes(v.registry_id)]);
  equal(prologue, v.prologue, 'prologue');
  const [s, e, rs, re] = [v.client_static_private, v.client_ephemeral_private, v.relay_static_private, v.relay_ephemeral_private].map(bytes);
  const [S, E, RS, RE] = [s, e, rs, re].map(publicOf);

  let ck = ascii('Noise_XX_25519_ChaChaPoly_SHA256');
  equal(ck.length, 32, 'protocol name');
  let h = ck;
  let cipher = null;
  const mixHash = (x) => (h = sha256(h, x));
  const mixKey = (ikm) => {
    let k;
    [ck, k] = noiseHkdf(ck, ikm);
    cipher = new Cipher(k);
  };
  const encryptAndHash = (x) => {
    const c = cipher === null ? x : cipher.seal(h, x);
    mixHash(c);
    return c;
  };
  mixHash(prologue);

  mixHash(E);
  equal(Buffer.concat([E, encryptAndHash(bytes(v.hello))]), v.message_1, 'message 1');

  mixHash(RE);
  mixKey(x25519(e, RE));
  const sealedRs = encryptAndHash(RS);
  mixKey(x25519(e, RS));
  const auth = bytes(v.relay_auth);
  equal(Buffer.concat([RE, sealedRs, encryptAndHash(auth)]), v.message_2, 'message 2');
  const relayStatic = auth.subarray(32, 112);
  equal(auth.subarray(0, 32), v.relay_key, 'relay_key');
  equal(relayStatic.subarray(0, 64), Buffer.concat([bytes(v.registry_id), RS]), 'RelayStatic');
  holds(verify(spkiEd25519(auth.subarray(0, 32)), labelled('relay static', relayStatic), auth.subarray(112, 176)), 'signature of RelayStatic');
  equal(auth.subarray(176), Buffer.from([0, 0]), 'no succession, no extensions');

  const sealedS = encryptAndHash(S);
  mixKey(x25519(re, S));
  const clientAuth = bytes(v.client_auth);
  equal(Buffer.concat([sealedS, encryptAndHash(clientAuth)]), v.message_3, 'message 3');
  equal(h, v.handshake_hash, 'handshake hash');
  const touch = bytes(v.touch);
  holds(verify(bytes(v.token_spki), labelled('touch', touch), bytes(v.touch_signature)), 'signature of the touch');
  equal(clientAuth.subarray(0, 1 + touch.length), Buffer.concat([Buffer.from([1]), touch]), 'ClientAuth');
  const relayId = H('relay', bytes(v.relay_key));
  holds(clientAuth.includes(Buffer.concat([uint8(1), vector(relayId), vector(H('key', S))])), 'that the grant names relay and key');

  const [initiator, responder] = noiseHkdf(ck, none).map((k) => new Cipher(k));
  const frames = (hex) => Buffer.concat([Buffer.from([0]), vector(bytes(hex))]);
  equal(responder.seal(none, bytes(v.ready)), v.ready_record, 'Ready');
  equal(initiator.seal(none, frames(v.append_frame)), v.append_record, 'record of the Append');
  equal(responder.seal(none, frames(v.appended_frame)), v.appended_record, 'record of the Appended');
  for (const push of v.pushes) {
    if (push.number === 4096) responder.rekey();
    responder.n = push.number;
    equal(responder.seal(none, frames(push.frame)), push.record, `record ${push.number}`);
  }
  equal(initiator.seal(none, Buffer.from([3, 1])), v.close_record, 'record of the close');
}

const files = { 'touch.json': touches, 'merkle.json': merkle, 'registry.json': registry, 'room.json': room, 'phrase.json': phrases, 'channel.json': channel };
for (const [name, check] of Object.entries(files)) {
  const before = checks;
  try {
    await check(read(name));
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    process.exit(1);
  }
  console.log(`${name}: ${checks - before} checks hold`);
}
// The client's vectors of message content are read by its own tests.
const others = ['content.json'];
const unread = fs.readdirSync(folder).filter((name) => name.endsWith('.json') && !(name in files) && !others.includes(name));
if (unread.length > 0) {
  console.error(`no reader for ${unread.join(', ')}`);
  process.exit(1);
}
