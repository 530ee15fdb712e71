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

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const chunks = await request.toArray();
  const body = Buffer.concat(chunks).toString();
  let status = 200;
  let answer;
  try {
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
