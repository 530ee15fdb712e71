// What a server and an app do with a running deployment; prints how each story ended.
//
// The input is JSON: {"api", "key", "photo", "other", "expired": {"id", "upload"}}.
import { readFileSync } from "node:fs";
import { Liveproof } from "@liveproof/client";
import { describeFile, uploadFile, uploadFiles } from "@liveproof/client/upload";
import { openFile } from "@liveproof/client/upload/node";

const { api, key, photo: path, other, expired } = JSON.parse(readFileSync(0, "utf8"));
const liveproof = new Liveproof({ url: api, apiKey: key });
const photo = await openFile(path, "image/jpeg");
const image = await describeFile(photo);

const stories = {
  async whole() {
    const sent = [];
    const reference = crypto.randomUUID();
    const created = await create({ reference });
    await uploadFiles({ image: photo }, created, {
      ...server(created.id),
      onProgress: (_, { loaded, total }) => sent.push(loaded / total),
    });
    const { decision } = await liveproof.waitForDecision(created.id);
    const { verifications } = await liveproof.list({ reference });
    const erased = await liveproof.erase(created.id);
    return { decision, sent: sent.at(-1), found: verifications.length, status: erased.status };
  },

  async lost_answer() {
    const { id, uploads } = await create();
    const { method, url, headers } = uploads.image;
    await fetch(url, { method, headers, body: readFileSync(path) });
    return uploadFile(photo, uploads.image, { confirm: () => state(id) });
  },

  async other_bytes() {
    const { uploads } = await create();
    const failed = await codeOf(uploadFile(readFileSync(other), uploads.image));
    const { attempts } = await uploadFile(photo, uploads.image);
    return { ...failed, attempts };
  },

  async other_headers() {
    const { uploads } = await create();
    const headers = { ...uploads.image.headers, "Content-Type": "image/png" };
    return codeOf(uploadFile(photo, { ...uploads.image, headers }));
  },

  async expired_url() {
    const failed = await codeOf(uploadFile(photo, expired.upload));
    const uploads = { image: expired.upload };
    const { image } = await uploadFiles({ image: photo }, { uploads }, server(expired.id));
    return { ...failed, ...image };
  },

  async aborted() {
    const { id, uploads } = await create();
    const abort = new AbortController();
    const onProgress = () => abort.abort(new Error("the person left"));
    const failed = await codeOf(uploadFile(photo, uploads.image, { onProgress, signal: abort.signal }));
    return { ...failed, then: await state(id) };
  },

  async refused_request() {
    const inputs = { image: { ...image, size: 100_000_000 } };
    const { code, field, status } = await liveproof.create({ check: "photo", inputs }).catch(
      (error) => error,
    );
    return { code, field, status };
  },

  async same_key() {
    const options = { idempotencyKey: crypto.randomUUID() };
    const body = { check: "photo", inputs: { image } };
    const [first, second] = [
      await liveproof.create(body, options),
      await liveproof.create(body, options),
    ];
    return { same: first.id === second.id };
  },

  async webhooks() {
    const { accepted } = await liveproof.testWebhook();
    const { state } = await liveproof.webhookHealth();
    const { keys } = await liveproof.webhookKeys();
    return { accepted, state, keys: keys.length > 0 };
  },
};

function create(more = {}) {
  return liveproof.create({ check: "photo", inputs: { image }, ...more });
}

async function state(id) {
  return (await liveproof.get(id)).inputs.image.state;
}

/** What an app asks its server. */
function server(id) {
  return { renew: () => liveproof.renewUploads(id), confirm: () => state(id) };
}

async function codeOf(promise) {
  const { code, storageCode } = await promise.then(
    () => ({ code: "none" }),
    (error) => error,
  );
  return { code, storageCode };
}

const endings = {};
// One after the other: a local cloud starts another process for each request beside others.
for (const [name, story] of Object.entries(stories)) {
  endings[name] = await story();
}
console.log(JSON.stringify(endings));
