// Your server: it has the API key, and the app asks it for upload URLs.
//
// npm install @liveproof/client standardwebhooks
// LIVEPROOF_API=... LIVEPROOF_API_KEY=... WEBHOOK_SECRET=whsec_... PORT=4000 node server.mjs
import { createServer } from "node:http";
import { ApiError, Liveproof } from "@liveproof/client";
import { Webhook } from "standardwebhooks";

const { LIVEPROOF_API, LIVEPROOF_API_KEY, WEBHOOK_SECRET, PORT = "4000" } = process.env;
const liveproof = new Liveproof({ url: LIVEPROOF_API, apiKey: LIVEPROOF_API_KEY });
const webhook = new Webhook(WEBHOOK_SECRET);

// Before each of these, find out who asks: a person may see and renew their own verification only.
const routes = {
  "POST /verifications": async ({ body }) => {
    const { inputs } = JSON.parse(body);
    const { id, uploads } = await liveproof.create({ check: "photo", inputs });
    return { id, uploads };
  },
  "POST /verifications/uploads": async ({ query }) => {
    const { uploads } = await liveproof.renewUploads(query.get("id"));
    return { uploads };
  },
  "GET /verifications": async ({ query }) => {
    const { decision, reason, inputs } = await liveproof.get(query.get("id"));
    return { decision, reason, inputs };
  },
  "POST /webhooks": async ({ body, headers }) => {
    const { type, data } = webhook.verify(body, headers);
    // Answer first, work later. A message may arrive twice: remember the webhook-id.
    setImmediate(() => console.log(type, data.id));
    return {};
  },
};

/** Anybody can send to a server: it takes no more than a webhook or a request of the app has. */
async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > 65_536) {
      throw new Error("the body is too large");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

createServer(async (request, response) => {
  let status = 200;
  let answer;
  // What is thrown outside of `try` would end the process: a client that leaves, a URL that is none.
  try {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const body = await bodyOf(request);
    const route = routes[`${request.method} ${pathname}`];
    answer = await route({ body, headers: request.headers, query: searchParams });
  } catch (error) {
    // Of a problem the app needs to know the code and the field.
    status = error instanceof ApiError ? error.status : 400;
    answer = { code: error.code ?? "bad_request", field: error.field };
  }
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(answer));
}).listen(Number(PORT), "127.0.0.1");
