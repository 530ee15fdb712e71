// The browser's side, with a worker and an XMLHttpRequest of the test's own: this runs in Node.js.
// tests/console runs it in a browser.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";

import { type CreateWorker, browserPlatform, setMd5Worker } from "../src/upload/browser-platform.js";
import type { FileLike } from "../src/upload/files.js";
import type { Md5Reply } from "../src/upload/md5-worker.js";
import { uploaderOn } from "../src/upload/uploader.js";
import { FakeClock } from "./clock.js";

const BYTES = new Uint8Array(3_000_000).map((_, at) => at % 253);
const FILE = new Blob([BYTES], { type: "image/png" });
const MD5 = createHash("md5").update(BYTES).digest("hex");
const { describeFile, uploadFile } = uploaderOn({ ...browserPlatform, clock: new FakeClock() });

class FakeWorker {
  onmessage: (event: { data: Md5Reply }) => void = () => undefined;
  onerror: () => void = () => undefined;
  terminated = false;
  readonly #answer: (worker: FakeWorker) => void;

  constructor(answer: (worker: FakeWorker) => void) {
    this.#answer = answer;
  }

  postMessage({ file }: { file: FileLike }): void {
    assert.equal(file, FILE);
    setImmediate(this.#answer, this);
  }

  terminate(): void {
    this.terminated = true;
  }
}

/** The worker of the next MD5. */
function working(answer: (worker: FakeWorker) => void): FakeWorker {
  const worker = new FakeWorker(answer);
  setMd5Worker((() => worker) as unknown as CreateWorker);
  return worker;
}

class FakeRequest {
  static sent: FakeRequest[] = [];
  static answer: (request: FakeRequest) => void = () => undefined;
  readonly headers: Record<string, string> = {};
  readonly upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  onloadend?: () => void;
  status = 0;
  responseText = "";
  opened: string[] = [];
  body: unknown;
  aborted = false;

  open(...opened: string[]): void {
    this.opened = opened;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  send(body: unknown): void {
    this.body = body;
    FakeRequest.sent.push(this);
    setImmediate(() => FakeRequest.answer(this));
  }

  abort(): void {
    this.aborted = true;
    this.onabort?.();
  }
}

beforeEach(() => {
  FakeRequest.sent = [];
  Object.assign(globalThis, { XMLHttpRequest: FakeRequest });
});

afterEach(() => {
  setMd5Worker(() => null);
});

test("the worker's MD5 and progress are the file's, and the worker ends", async () => {
  const seen: number[] = [];
  const worker = working(({ onmessage }) => {
    onmessage({ data: { loaded: 5 } });
    onmessage({ data: { md5: MD5 } });
  });
  const described = await describeFile(FILE, { onProgress: ({ loaded }) => seen.push(loaded) });
  assert.deepEqual(described, { md5: MD5, size: BYTES.length, content_type: "image/png" });
  assert.deepEqual([seen, worker.terminated], [[5], true]);
});

test("without a worker the page computes the MD5", async () => {
  const none: CreateWorker[] = [
    () => null,
    () => {
      throw new Error("the CSP forbids it");
    },
  ];
  for (const create of none) {
    setMd5Worker(create);
    assert.equal((await describeFile(FILE)).md5, MD5);
  }
  working((worker) => worker.onerror());
  assert.equal((await describeFile(FILE)).md5, MD5);
});

test("a file that the worker cannot read is its own error", async () => {
  working(({ onmessage }) => onmessage({ data: { unreadable: "NotReadableError" } }));
  await assert.rejects(describeFile(FILE), { code: "file_unreadable", cause: "NotReadableError" });
});

test("an abort ends the worker, and the MD5 in the page", async () => {
  const reason = new Error("the person left");
  const aborted = { name: "AbortError", code: "aborted", cause: reason };
  const first = new AbortController();
  const worker = working(() => first.abort(reason));
  await assert.rejects(describeFile(FILE, { signal: first.signal }), aborted);
  assert.ok(worker.terminated);

  setMd5Worker(() => null);
  const second = new AbortController();
  const { signal } = second;
  await assert.rejects(describeFile(FILE, { signal, onProgress: () => second.abort(reason) }), aborted);
});

function entry() {
  const headers = {
    "Content-MD5": Buffer.from(MD5, "hex").toString("base64"),
    "Content-Length": String(BYTES.length),
    "Content-Type": "image/png",
    "x-cos-forbid-overwrite": "true",
  };
  return { method: "PUT", url: "https://bucket.example/a?q-signature=1", headers, expires_at: "" };
}

test("the browser sets Content-Length, and the page all other headers", async () => {
  const seen: number[] = [];
  FakeRequest.answer = (request) => {
    request.upload.onprogress?.({ loaded: 7 });
    request.status = 200;
    request.onload?.();
  };
  const upload = entry();
  await uploadFile(FILE, upload, { onProgress: ({ loaded }) => seen.push(loaded) });
  const [sent] = FakeRequest.sent;
  const { "Content-Length": _, ...rest } = upload.headers;
  assert.deepEqual(sent?.headers, rest);
  assert.deepEqual([sent?.opened, sent?.body, seen], [["PUT", upload.url], FILE, [7]]);
});

test("the bucket's refusal is read from the answer, and silence is repeated", async () => {
  FakeRequest.answer = (request) => {
    if (FakeRequest.sent.length === 1) {
      request.onerror?.();
      return;
    }
    request.status = 409;
    request.responseText = "<Error><Code>FileAlreadyExists</Code></Error>";
    request.onload?.();
  };
  assert.deepEqual(await uploadFile(FILE, entry()), { attempts: 2, alreadyThere: true });
});

test("an abort ends the request", async () => {
  const controller = new AbortController();
  FakeRequest.answer = () => controller.abort();
  const uploading = uploadFile(FILE, entry(), { signal: controller.signal });
  await assert.rejects(uploading, { code: "aborted" });
  assert.ok(FakeRequest.sent[0]?.aborted);
});
