// A webhook receiver with Express.
//
// npm ci
// WEBHOOK_SECRET=whsec_... PORT=4000 node receiver.js
const express = require("express");
const { Webhook } = require("standardwebhooks");

const webhook = new Webhook(process.env.WEBHOOK_SECRET);
// In production: a table whose key is the webhook-id, written before the answer.
const received = new Set();

const app = express();

// express.raw leaves the bytes as they came. express.json on this route would break the signature.
app.post("/hook", express.raw({ type: "*/*", limit: "16kb" }), (request, response) => {
  let message;
  try {
    message = webhook.verify(request.body, request.headers);
  } catch {
    return response.sendStatus(401);
  }
  const id = request.headers["webhook-id"];
  if (!received.has(id)) { // a message may arrive twice
    received.add(id);
    setImmediate(work, message);
  }
  return response.sendStatus(204);
});

// Runs after the answer. Of all types only `verification.passed` is a yes.
function work(message) {
  console.log(message.type, message.data.reference);
}

app.listen(Number(process.env.PORT ?? 4000), "127.0.0.1");
