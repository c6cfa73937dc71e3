// The peers' protocol: one JSON object a line in each direction, answered in order.
//   request  {"op": "...", ...}
//   answer   {"ok": {...}} or {"error": "..."}
// Byte strings travel as hex. Every handshake, Welcome and GroupInfo travels as an MLSMessage (RFC 9420 §6), key packages too.
import { createInterface } from "node:readline"

export const hex = (bytes) => Buffer.from(bytes).toString("hex")
export const unhex = (text) => new Uint8Array(Buffer.from(text, "hex"))

export async function serve(operations) {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "") continue
    let answer
    try {
      const request = JSON.parse(line)
      const operation = operations[request.op]
      if (operation === undefined) throw new Error(`this peer has no operation ${request.op}`)
      answer = { ok: (await operation(request)) ?? {} }
    } catch (error) {
      answer = { error: describe(error) }
    }
    process.stdout.write(JSON.stringify(answer, (_, value) => (typeof value === "bigint" ? Number(value) : value)) + "\n")
  }
}

// Wrapped errors of core-crypto keep the reason several levels down.
function describe(error) {
  const seen = new Set()
  const parts = []
  const visit = (value) => {
    if (value === null || typeof value !== "object" || seen.has(value)) return
    seen.add(value)
    for (const key of ["name", "tag", "message", "msg", "reason"]) if (typeof value[key] === "string") parts.push(value[key])
    for (const key of ["inner", "mlsError", "cause"]) visit(value[key])
  }
  visit(error)
  return [...new Set(parts)].join(" / ") || String(error)
}
