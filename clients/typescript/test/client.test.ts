import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";

import { Liveproof } from "../src/client.js";
import { ApiError, ConnectionError } from "../src/errors.js";
import { FakeClock } from "./clock.js";
import { broken, json, serving, silent } from "./server.js";

const CREATED = { id: "ver_1", status: "awaiting_upload", uploads: {} };
const INPUT = { md5: "0".repeat(32), size: 1, content_type: "image/jpeg" };
const BODY = { check: "photo" as const, inputs: { image: INPUT } };

function problem(status: number, code: string, more: object = {}) {
  return { type: `urn:liveproof:problem:${code}`, title: code, status, detail: "why", code, ...more };
}

function clientOf(url: string, clock = new FakeClock(), more: object = {}): Liveproof {
  return new Liveproof({ url, apiKey: "lp_key", ...more }, clock);
}

test("a create sends the body and the key, and gives the answer", async () => {
  await using server = await serving(json(201, CREATED));
  const created = await clientOf(`${server.url}/`).create(BODY, { idempotencyKey: "capture-1" });
  assert.deepEqual(created, CREATED);
  const [sent] = server.received;
  assert.equal(`${sent?.method} ${sent?.url}`, "POST /v1/verifications");
  assert.equal(sent?.headers["authorization"], "Bearer lp_key");
  assert.equal(sent?.headers["idempotency-key"], "capture-1");
  assert.deepEqual(JSON.parse(String(sent?.body)), BODY);
});

test("every operation of the API has its method", async () => {
  await using server = await serving(json(200, {}));
  const client = clientOf(server.url);
  await client.get("ver_1");
  await client.list({ status: "held", limit: 5, reference: "a b&c" });
  await client.renewUploads("ver_1");
  await client.erase("ver_1");
  await client.evidence("ver_1");
  await client.resend("ver_1");
  await client.resendRange({ since: "2026-11-20T09:30:00Z" });
  await client.testWebhook();
  await client.webhookHealth();
  await client.webhookKeys();
  await client.createReflectSequence({ device_data: "{}" });
  await client.create(BODY);
  const document = JSON.parse(readFileSync("../../docs/openapi.json", "utf8"));
  const operations = Object.entries<object>(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace("{id}", "ver_1")}`),
  );
  const asked = server.received.map(({ method, url }) => `${method} ${url.replace(/\?.*/, "")}`);
  assert.deepEqual(asked.sort(), operations.sort());
  assert.equal(server.received[1]?.url, "/v1/verifications?status=held&limit=5&reference=a+b%26c");
});

test("times without an end are no times that are over at once", async () => {
  await using server = await serving(json(200, CREATED));
  const times = { attemptTimeout: Infinity, totalTimeout: Infinity };
  assert.deepEqual(await clientOf(server.url, new FakeClock(), times).get("ver_1"), CREATED);
});

test("an id cannot lead to another route", async () => {
  await using server = await serving(json(200, {}));
  await clientOf(server.url).get("../webhooks/health?x#y");
  assert.equal(server.received[0]?.url, "/v1/verifications/..%2Fwebhooks%2Fhealth%3Fx%23y");
});

test("a problem becomes an error with code, field and limit", async () => {
  const wrong = problem(400, "invalid_request", {
    detail: "must be at most 5242880 bytes",
    field: "inputs.image.size",
  });
  await using server = await serving(json(400, wrong));
  await assert.rejects(clientOf(server.url).create(BODY), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual(
      [error.code, error.status, error.field, error.detail],
      ["invalid_request", 400, "inputs.image.size", "must be at most 5242880 bytes"],
    );
    assert.deepEqual(error.problem, wrong);
    return true;
  });
  assert.equal(server.received.length, 1);
});

test("the platform's own answers are errors without a problem", async () => {
  for (const body of [{ message: "Not Found" }, { errorCode: 1, errorMessage: "Not Found" }]) {
    await using server = await serving(json(404, body));
    const expected = { code: "platform", status: 404, detail: "Not Found", problem: undefined };
    await assert.rejects(clientOf(server.url).get("x"), expected);
  }
});

test("a success that is no JSON, and a redirect, are errors", async () => {
  await using page = await serving((response) => response.writeHead(200).end("<html>"));
  await assert.rejects(clientOf(page.url).get("x"), { code: "invalid_answer" });

  await using other = await serving(json(200, {}));
  const away = { Location: other.url };
  await using moved = await serving((response) => response.writeHead(307, away).end());
  await assert.rejects(clientOf(moved.url).get("x"), { code: "platform", status: 307 });
  assert.equal(other.received.length, 0);
});

test("a list, and a code that is no text, are no documents of the API", async () => {
  await using server = await serving(json(200, []), json(400, { code: 7 }), json(400, { code: "x" }));
  const client = clientOf(server.url);
  await assert.rejects(client.get("ver_1"), { name: "ApiError", code: "invalid_answer" });
  await assert.rejects(client.get("ver_1"), { name: "ApiError", code: "platform" });
  await assert.rejects(client.get("ver_1"), { message: "HTTP 400 x: " });
});

test("an answer without end is not read", async () => {
  let sent = 0;
  await using server = await serving((response) => {
    response.writeHead(200);
    const piece = Buffer.alloc(1024 * 1024, " ");
    const more = () => {
      while (response.write(piece)) sent += 1;
    };
    response.on("drain", more);
    more();
  });
  const failing = clientOf(server.url).get("ver_1");
  await assert.rejects(failing, { name: "ConnectionError", code: "answer_too_large" });
  assert.equal(server.received.length, 1);
  assert.ok(sent < 200, `${sent} MiB were taken`);
});

test("an idempotency key that no header can have is a mistake", async () => {
  await using server = await serving(json(201, CREATED));
  for (const idempotencyKey of ["a\nb", "ö", " a", ""]) {
    await assert.rejects(clientOf(server.url).create(BODY, { idempotencyKey }), TypeError);
  }
  assert.equal(server.received.length, 0);
});

test("an address with more than an address is a mistake", () => {
  for (const url of ["https://user:secret@api", "https://api?x=1", "https://api#x"]) {
    assert.throws(
      () => clientOf(url),
      (error) => error instanceof TypeError && !inspect(error).includes("secret"),
    );
  }
});

test("attempts of one create have one idempotency key, and another create another", async () => {
  await using server = await serving(broken, json(500, problem(500, "internal_error")), json(201, CREATED));
  const clock = new FakeClock();
  const client = clientOf(server.url, clock);
  await client.create(BODY);
  await client.create(BODY);
  const keys = server.received.map(({ headers }) => headers["idempotency-key"]);
  assert.equal(keys.length, 4);
  assert.equal(new Set(keys.slice(0, 3)).size, 1);
  assert.notEqual(keys[3], keys[0]);
  assert.equal(clock.pauses.length, 2);
});

test("a create whose first attempt is still served is asked again", async () => {
  const served = json(409, problem(409, "not_allowed_now"));
  await using server = await serving(served, json(201, CREATED));
  await clientOf(server.url).create(BODY);
  assert.equal(server.received.length, 2);
});

test("a webhook is not sent again when the answer to the first request is lost", async () => {
  for (const lost of [broken, json(500, problem(500, "internal_error")), json(503, { message: "" })]) {
    await using server = await serving(lost, json(202, {}));
    await assert.rejects(clientOf(server.url).resend("ver_1"));
    assert.equal(server.received.length, 1);
  }
});

test("a range is sent again only as a dry run", async () => {
  const since = "2026-11-20T09:30:00Z";
  await using server = await serving(broken, json(200, {}), broken);
  const client = clientOf(server.url);
  await client.resendRange({ since });
  assert.equal(server.received.length, 2);
  await assert.rejects(client.resendRange({ since, dry_run: false }), { code: "no_answer" });
  assert.equal(server.received.length, 3);
});

test("Retry-After is waited for, also where repeating is else unsafe", async () => {
  const busy = json(429, problem(429, "too_soon"), { "Retry-After": "7" });
  await using server = await serving(busy, json(200, { accepted: true }));
  const clock = new FakeClock();
  await clientOf(server.url, clock).testWebhook();
  assert.equal(clock.pauses.length, 1);
  assert.equal(clock.pauses[0], 7000);
});

test("a Retry-After beyond the total time is an error at once, which says how long", async () => {
  const full = json(429, problem(429, "too_soon"), { "Retry-After": "3600" });
  await using server = await serving(full);
  const clock = new FakeClock();
  const expected = { code: "too_soon", retryAfterSeconds: 3600 };
  await assert.rejects(clientOf(server.url, clock).testWebhook(), expected);
  assert.deepEqual(clock.pauses, []);
});

test("what waiting does not mend is not asked again", async () => {
  const codes = ["too_many_attempts", "too_many_open", "spend_limit_reached", "files_already_rejected"];
  for (const code of codes) {
    await using server = await serving(json(429, problem(429, code), { "Retry-After": "1" }));
    await assert.rejects(clientOf(server.url).create(BODY), { code });
    assert.equal(server.received.length, 1);
  }
  await using server = await serving(json(503, problem(503, "not_configured")));
  await assert.rejects(clientOf(server.url).get("x"), { code: "not_configured" });
  assert.equal(server.received.length, 1);
});

test("the platform's throttling and failures are asked again", async () => {
  for (const status of [429, 433, 500, 503]) {
    await using server = await serving(json(status, { message: "later" }), json(200, { id: "x" }));
    await clientOf(server.url).get("x");
    assert.equal(server.received.length, 2, String(status));
  }
});

test("attempts end with the total time, and the last failure is the error", async () => {
  await using server = await serving(json(500, problem(500, "internal_error")));
  const clock = new FakeClock();
  await assert.rejects(clientOf(server.url, clock).get("x"), { code: "internal_error" });
  assert.ok(clock.now() < 60_000);
  assert.ok(server.received.length > 5);
  assert.ok(clock.pauses.every((pause, at) => pause <= Math.min(8000, 250 * 2 ** at)));
});

test("an attempt without an answer ends after its time", async () => {
  await using server = await serving(silent, json(200, { id: "x" }));
  const client = clientOf(server.url, new FakeClock(), { attemptTimeout: 200 });
  assert.deepEqual(await client.get("x"), { id: "x" });

  await using mute = await serving(silent);
  const impatient = clientOf(mute.url, new FakeClock(), { attemptTimeout: 20, totalTimeout: 100 });
  await assert.rejects(impatient.get("x"), (error) => {
    return error instanceof ConnectionError && error.code === "timed_out";
  });
});

test("an abort ends the request, and a pause", async () => {
  const reason = new Error("left the page");
  const during = new AbortController();
  await using server = await serving(() => during.abort(reason));
  const aborted = { name: "AbortError", code: "aborted", cause: reason };
  await assert.rejects(clientOf(server.url).get("x", { signal: during.signal }), aborted);

  const between = new AbortController();
  const clock = new FakeClock();
  clock.onPause = () => between.abort(reason);
  await using failing = await serving(broken);
  await assert.rejects(clientOf(failing.url, clock).get("x", { signal: between.signal }), aborted);
  assert.equal(failing.received.length, 1);
});

test("all pages of a list follow one another", async () => {
  const first = { verifications: [{ id: "a" }, { id: "b" }], next_cursor: "more" };
  await using server = await serving(
    json(200, first),
    json(200, { verifications: [{ id: "c" }], next_cursor: null }),
  );
  const ids: string[] = [];
  for await (const { id } of clientOf(server.url).listAll({ decision: "passed" })) {
    ids.push(id);
  }
  assert.deepEqual(ids, ["a", "b", "c"]);
  assert.match(server.received[1]?.url ?? "", /\?decision=passed&cursor=more$/);
});

test("a decision is waited for", async () => {
  const open = { decision: null, erasure: null };
  const passed = { decision: "passed", erasure: null };
  await using server = await serving(json(200, open), json(200, open), json(200, passed));
  assert.deepEqual(await clientOf(server.url).waitForDecision("x"), passed);
});

test("an unusable address or key is refused when the client is made", () => {
  assert.throws(() => new Liveproof({ url: "ftp://a", apiKey: "k" }), TypeError);
  assert.throws(() => new Liveproof({ url: "api", apiKey: "k" }), TypeError);
  for (const apiKey of ["", "a b", "ключ", "a\n"]) {
    assert.throws(() => new Liveproof({ url: "https://a", apiKey }), TypeError);
  }
});

test("the key is in no text of the client or its errors", async () => {
  await using server = await serving(json(401, problem(401, "unauthorized")));
  const client = clientOf(server.url);
  const error: unknown = await client.get("x").catch((caught: unknown) => caught);
  assert.ok(!inspect([client, error], { depth: 9, showHidden: true }).includes("lp_key"));
});
