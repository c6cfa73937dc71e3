// The work of `HardwareChat.Bench -- mls`, done by ts-mls: node ts-mls-bench.mjs SUITE MEMBERS[,MEMBERS...]
// One JSON object a line: {"bench", "suite", "members", "median_ms"}.
import {
  createApplicationMessage, createCommit, createGroup, decodeMlsMessage, encodeMlsMessage, emptyPskIndex, generateKeyPackage,
  getCiphersuiteFromName, getCiphersuiteImpl, joinGroup, processPrivateMessage, processPublicMessage, acceptAll, ciphersuites, defaultLifetime,
} from "ts-mls"

const [suiteId, memberCounts] = [Number(process.argv[2]), process.argv[3].split(",").map(Number)]
const name = Object.keys(ciphersuites).find((key) => ciphersuites[key] === suiteId)
const suite = await getCiphersuiteImpl(getCiphersuiteFromName(name))
const capabilities = { versions: ["mls10"], ciphersuites: [name], extensions: [], proposals: [], credentials: ["basic"] }

async function measure(bench, members, repeats, work) {
  let result = await work() // The first run is not counted.
  const times = []
  for (let i = 0; i < repeats; i++) {
    const start = performance.now()
    result = await work()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const middle = times.length >> 1
  const median = times.length % 2 ? times[middle] : (times[middle - 1] + times[middle]) / 2
  process.stdout.write(JSON.stringify({ bench, suite: suiteId, members, median_ms: median }) + "\n")
  return result
}

let made = 0
const member = () => {
  const identity = new TextEncoder().encode(`member ${made++}`)
  return generateKeyPackage({ credentialType: "basic", identity }, capabilities, defaultLifetime, [], suite)
}
const wire = (message) => encodeMlsMessage(message)
const read = (bytes) => decodeMlsMessage(bytes, 0)[0]

for (const members of memberCounts) {
  const often = members >= 1000 ? 3 : members >= 100 ? 7 : 15
  await measure("make a key package", members, 25, member)

  const creator = await member()
  const joiners = []
  while (joiners.length < members - 1) joiners.push(await member())
  const packages = joiners.map((joiner) => wire({ version: "mls10", wireformat: "mls_key_package", keyPackage: joiner.publicPackage }))

  const added = await measure("create group and add all", members, often, async () => {
    const state = await createGroup(new Uint8Array(32), creator.publicPackage, creator.privatePackage, [], suite)
    const extraProposals = packages.map((bytes) => ({ proposalType: "add", add: { keyPackage: read(bytes).keyPackage } }))
    const result = await createCommit({ state, cipherSuite: suite }, { wireAsPublicMessage: true, extraProposals, ratchetTreeExtension: true })
    return { state: result.newState, welcome: wire({ version: "mls10", wireformat: "mls_welcome", welcome: result.welcome }) }
  })

  const joined = await measure("process Welcome", members, often, () =>
    joinGroup(read(added.welcome).welcome, joiners[0].publicPackage, joiners[0].privatePackage, emptyPskIndex, suite))

  const committed = await measure("commit with path", members, often, async () => {
    const result = await createCommit({ state: added.state, cipherSuite: suite }, { wireAsPublicMessage: true })
    return { state: result.newState, commit: wire(result.commit) }
  })

  const received = await measure("process commit", members, often, async () =>
    (await processPublicMessage(joined, read(committed.commit).publicMessage, emptyPskIndex, suite, acceptAll)).newState)

  const text = new Uint8Array(1024)
  const sent = await measure("encrypt 1 KiB", members, 50, async () => {
    const { privateMessage } = await createApplicationMessage(committed.state, text, suite)
    return wire({ version: "mls10", wireformat: "mls_private_message", privateMessage })
  })
  await measure("decrypt 1 KiB", members, 50, () => processPrivateMessage(received, read(sent).privateMessage, emptyPskIndex, suite, acceptAll))
}
