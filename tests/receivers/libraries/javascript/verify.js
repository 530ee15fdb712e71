// Judges webhooks; tests/receivers/verifiers.py has the form of a line.
// `v1` by the standard's official library, `v1a` by Node's own Ed25519.
const crypto = require("node:crypto");
const readline = require("node:readline");
const { Webhook } = require("standardwebhooks");

const TOLERANCE_SECONDS = 300;
// What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410).
const SPKI = Buffer.from("302a300506032b6570032100", "hex");
const clock = Date.now;

function verifyWithPublicKey(text, { id, timestamp, signature, body }) {
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS)) return false;
  const der = Buffer.concat([SPKI, Buffer.from(text.slice("whpk_".length), "base64")]);
  const key = crypto.createPublicKey({ key: der, format: "der", type: "spki" });
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  return signature.split(" ").some((entry) => {
    const [version, value] = entry.split(",");
    return version === "v1a" && crypto.verify(null, signed, key, Buffer.from(value, "base64"));
  });
}

function judge(line) {
  const [key, id, timestamp, signature, encoded, now] = line.split("\t");
  const body = Buffer.from(encoded, "base64");
  Date.now = now ? () => Number(now) * 1000 : clock;
  if (key.startsWith("whpk_")) {
    const valid = verifyWithPublicKey(key, { id, timestamp, signature, body });
    return [valid ? "accepted" : "refused", ""];
  }
  const webhook = new Webhook(key);
  const own = webhook.sign(id, new Date(Number(timestamp) * 1000), body);
  try {
    webhook.verify(body, {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": signature,
    });
    return ["accepted", own];
  } catch {
    return ["refused", own];
  }
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  console.log(judge(line).join("\t"));
});
