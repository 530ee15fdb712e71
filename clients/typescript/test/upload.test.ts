import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { inspect } from "node:util";

import type { Upload } from "../src/types.js";
import { UploadError } from "../src/upload/errors.js";
import type { FileLike } from "../src/upload/files.js";
import { nodePlatform } from "../src/upload/node-platform.js";
import { openFile } from "../src/upload/node.js";
import { type Uploader, uploaderOn } from "../src/upload/uploader.js";
import { FakeClock } from "./clock.js";
import { type Answer, broken, refusal, serving, silent, stored } from "./server.js";

const BYTES = new Uint8Array(300_000).map((_, at) => at % 251);
const FILE = new Blob([BYTES], { type: "image/jpeg" });

function uploader(clock = new FakeClock()): Uploader {
  return uploaderOn({ ...nodePlatform, clock });
}

function entry(url: string, bytes: Uint8Array = BYTES, more: Record<string, string> = {}): Upload {
  const headers = {
    "Content-MD5": createHash("md5").update(bytes).digest("base64"),
    "Content-Length": String(bytes.byteLength),
    "Content-Type": "image/jpeg",
    "If-None-Match": "*",
    ...more,
  };
  const query = "X-Amz-Credential=AKIA%2F20261120%2Fs3&X-Amz-Signature=secret";
  return { method: "PUT", url: `${url}/uploads/a%20b?${query}`, headers, expires_at: "" };
}

/** Sends the file to a server with these answers; the error, and the number of requests. */
async function failing(
  answers: Answer[],
  options: Parameters<Uploader["uploadFile"]>[2] = {},
): Promise<[UploadError, number]> {
  await using server = await serving(...answers);
  const error: unknown = await uploader()
    .uploadFile(FILE, entry(server.url), options)
    .then(
      () => assert.fail("it did not fail"),
      (caught: unknown) => caught,
    );
  assert.ok(error instanceof UploadError, inspect(error));
  assert.ok(!inspect(error, { depth: 9 }).includes("X-Amz"), "a URL is in the error");
  return [error, server.received.length];
}

test("the bytes go with exactly the URL and headers of the API", async () => {
  await using server = await serving(stored);
  const upload = entry(server.url);
  const seen: number[] = [];
  const onProgress = ({ loaded, total }: { loaded: number; total: number }) => {
    assert.equal(total, BYTES.length);
    seen.push(loaded);
  };
  const result = await uploader().uploadFile(FILE, upload, { onProgress });
  assert.deepEqual(result, { attempts: 1, alreadyThere: false });
  const [sent] = server.received;
  assert.equal(sent?.method, "PUT");
  assert.equal(server.url + sent?.url, upload.url);
  const expected = Object.entries(upload.headers).map(([name, value]) => [name.toLowerCase(), value]);
  const { host, connection, ...headers } = sent?.headers ?? {};
  assert.deepEqual(headers, Object.fromEntries(expected));
  assert.deepEqual(sent?.body, Buffer.from(BYTES));
  assert.ok(seen.length > 2);
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
  assert.equal(seen.at(-1), BYTES.length);
});

test("a buffer, a view of one and an opened file can be sent as well", async () => {
  const folder = await mkdtemp(`${tmpdir()}/liveproof-`);
  await writeFile(`${folder}/photo.jpg`, BYTES);
  const view = new Uint8Array([0, ...BYTES, 0]).subarray(1, -1);
  await using server = await serving(stored);
  for (const source of [BYTES.buffer, view, await openFile(`${folder}/photo.jpg`, "image/jpeg")]) {
    const described = await uploader().describeFile(source, { contentType: "image/jpeg" });
    assert.equal(described.md5, createHash("md5").update(BYTES).digest("hex"));
    await uploader().uploadFile(source, entry(server.url));
    assert.deepEqual(server.received.at(-1)?.body, Buffer.from(BYTES));
  }
  await rm(folder, { recursive: true });
});

test("a file is described as a create declares it", async () => {
  const seen: number[] = [];
  const film = new Blob([BYTES], { type: "Video/MP4; codecs=avc1" });
  const described = await uploader().describeFile(film, {
    onProgress: ({ loaded }) => seen.push(loaded),
  });
  const md5 = createHash("md5").update(BYTES).digest("hex");
  assert.deepEqual(described, { md5, size: BYTES.length, content_type: "video/mp4" });
  assert.equal(seen.at(-1), BYTES.length);
});

test("what the check does not accept is refused before the file is read", async () => {
  const unread: FileLike = {
    size: 10,
    type: "image/heic",
    stream: () => assert.fail("the file was read"),
  };
  const { describeFile } = uploader();
  const limits = { contentTypes: ["image/jpeg", "image/png"], maxBytes: 9 };
  const refused = (code: string) => ({ name: "UploadError", code });
  await assert.rejects(describeFile(unread, limits), refused("content_type_not_accepted"));
  await assert.rejects(describeFile({ ...unread, type: "" }), refused("content_type_not_accepted"));
  await assert.rejects(describeFile({ ...unread, size: 0 }), refused("file_empty"));
  const large = describeFile({ ...unread, type: "image/png" }, limits);
  await assert.rejects(large, { code: "file_too_large", message: /10 bytes.*at most 9/ });
});

for (const [cloud, there] of [
  ["AWS", refusal(412, "PreconditionFailed")],
  ["Tencent Cloud", refusal(409, "FileAlreadyExists")],
] as const) {
  test(`on ${cloud} the repetition after a lost answer is a success`, async () => {
    await using server = await serving(broken, there);
    const result = await uploader().uploadFile(FILE, entry(server.url));
    assert.deepEqual(result, { attempts: 2, alreadyThere: true });
  });

  test(`on ${cloud} the API confirms that the file is there`, async () => {
    await using server = await serving(there);
    const states = ["missing", "missing", "proven"] as const;
    let asked = 0;
    const confirm = async () => states[asked++] ?? assert.fail("asked too often");
    const result = await uploader().uploadFile(FILE, entry(server.url), { confirm });
    assert.deepEqual([result.alreadyThere, asked], [true, 3]);
  });
}

test("what the API does not confirm is a failure", async () => {
  const there = refusal(412, "PreconditionFailed");
  const [refused] = await failing([there], { confirm: async () => "refused" });
  assert.equal(refused.code, "input_refused");
  const [unknown] = await failing([there], { confirm: async () => "missing" });
  assert.equal(unknown.code, "not_confirmed");
  const cause = new Error("the server is down");
  const [failed] = await failing([there], { confirm: () => Promise.reject(cause) });
  assert.deepEqual([failed.code, failed.cause], ["confirm_failed", cause]);
});

test("two attempts at the same moment are tried again", async () => {
  const codes = ["ConditionalRequestConflict", "PathConflict", "UploadConflict"];
  for (const code of codes) {
    await using server = await serving(refusal(409, code), stored);
    const clock = new FakeClock();
    await uploader(clock).uploadFile(FILE, entry(server.url));
    assert.equal(clock.pauses.length, 1);
  }
});

test("faults of the bucket and of the network are tried again, with longer pauses", async () => {
  const faults: Answer[] = [
    refusal(503, "SlowDown"),
    refusal(500, "InternalError"),
    broken,
    refusal(400, "IncompleteBody"),
    refusal(400, "RequestTimeout"),
    refusal(400, "EntitySizeNotMatch"),
  ];
  await using server = await serving(...faults, stored);
  const clock = new FakeClock();
  const result = await uploader(clock).uploadFile(FILE, entry(server.url));
  assert.equal(result.attempts, faults.length + 1);
  assert.ok(clock.pauses.every((pause, at) => {
    const longest = Math.min(30_000, 1000 * 2 ** at);
    return pause >= longest / 2 && pause <= longest;
  }));
});

test("the total time ends the attempts, and the last failure is the error", async () => {
  const [silence, requests] = await failing([broken], { totalTimeout: 60_000 });
  assert.equal(silence.code, "network");
  assert.ok(requests > 3);
  const [fault] = await failing([refusal(503, "SlowDown")]);
  const { code, status, storageCode } = fault;
  assert.deepEqual([code, status, storageCode], ["storage_unavailable", 503, "SlowDown"]);
});

test("an attempt on which nothing moves is given up", async () => {
  await using server = await serving(silent, stored);
  const result = await uploader().uploadFile(FILE, entry(server.url), { stallTimeout: 300 });
  assert.ok(result.attempts >= 2);
});

const EXPIRED = [
  refusal(403, "AccessDenied", "Request has expired", "<X-Amz-Expires>900</X-Amz-Expires>"),
  refusal(403, "AccessDenied", "The signature's time is over."),
  refusal(403, "RequestTimeTooSkewed"),
  refusal(400, "ExpiredToken"),
  refusal(400, "InvalidToken"),
  refusal(403, "InvalidAccessKeyId"),
];

test("an expired URL is replaced by a fresh one, without a pause", async () => {
  for (const expired of EXPIRED) {
    await using server = await serving(expired, stored);
    const clock = new FakeClock();
    let renewed = 0;
    const renew = async () => entry(`${server.url}/fresh${++renewed}`);
    const result = await uploader(clock).uploadFile(FILE, entry(server.url), { renew });
    assert.deepEqual([result.attempts, renewed, clock.pauses], [2, 1, []]);
    assert.match(server.received[1]?.url ?? "", /^\/fresh1\//);
  }
});

test("without a way to renew, an expired URL is an error", async () => {
  for (const expired of EXPIRED) {
    const [error, requests] = await failing([expired]);
    assert.deepEqual([error.code, requests], ["url_expired", 1]);
  }
});

test("a fresh URL that has expired already means a wrong clock, not another file", async () => {
  await using server = await serving(refusal(403, "RequestTimeTooSkewed"));
  const renew = async () => entry(server.url);
  const { uploadFile } = uploader();
  await assert.rejects(uploadFile(FILE, entry(server.url), { renew }), { code: "clock_skew" });
  assert.equal(server.received.length, 2);
});

test("a URL that expires again later is renewed again, five times at most", async () => {
  const [expired = stored] = EXPIRED;
  await using server = await serving(...Array.from({ length: 6 }, () => [expired, broken]).flat());
  let renewed = 0;
  const renew = async () => entry(`${server.url}/${++renewed}`);
  const { uploadFile } = uploader();
  await assert.rejects(uploadFile(FILE, entry(server.url), { renew }), { code: "url_expired" });
  assert.equal(renewed, 5);
});

test("an input that is no longer awaited has arrived", async () => {
  const [expired = stored] = EXPIRED;
  await using server = await serving(expired);
  const confirm = async () => "proven" as const;
  const renew = async () => null;
  const result = await uploader().uploadFile(FILE, entry(server.url), { renew, confirm });
  assert.deepEqual(result, { attempts: 1, alreadyThere: true });
});

test("a renewal that fails is its own error", async () => {
  const cause = new Error("no network");
  const [error] = await failing(EXPIRED, { renew: () => Promise.reject(cause) });
  assert.deepEqual([error.code, error.cause], ["renew_failed", cause]);
});

test("no fresh URL for a file that arrived before is no failure", async () => {
  const [expired = stored] = EXPIRED;
  const refused = new Error("not_allowed_now");
  for (const [state, code] of [["proven", undefined], ["refused", "input_refused"], ["missing", "renew_failed"]] as const) {
    await using server = await serving(broken, expired);
    const result = uploader().uploadFile(FILE, entry(server.url), {
      renew: () => Promise.reject(refused),
      confirm: async () => state,
    });
    if (code === undefined) {
      assert.deepEqual(await result, { attempts: 2, alreadyThere: true });
    } else {
      await assert.rejects(result, { code });
    }
  }
});

test("a callback that does not return ends with the total time, and with an abort", async () => {
  const never = () => new Promise<never>(() => undefined);
  const [expired = stored] = EXPIRED;
  for (const [answer, options, code] of [
    [expired, { renew: never }, "renew_failed"],
    [refusal(412, "PreconditionFailed"), { confirm: never }, "confirm_failed"],
  ] as const) {
    await using server = await serving(answer);
    const upload = entry(server.url);
    // The time of a request passes on the test's clock only.
    const late = uploader().uploadFile(FILE, upload, { ...options, totalTimeout: 200 });
    await assert.rejects(late, { code });
    const leaving = new AbortController();
    const asked = (callback: () => Promise<never>) => () => {
      queueMicrotask(() => leaving.abort());
      return callback();
    };
    const left = Object.fromEntries(Object.entries(options).map(([name, own]) => [name, asked(own)]));
    const aborted = uploader().uploadFile(FILE, upload, { ...left, signal: leaving.signal });
    await assert.rejects(aborted, { code: "aborted", name: "AbortError" });
  }
});

test("a callback that throws at once, or gives no promise, is like any other", async () => {
  await using server = await serving(refusal(412, "PreconditionFailed"));
  const { uploadFile } = uploader();
  const thrown = () => {
    throw new TypeError("no server");
  };
  const failed = uploadFile(FILE, entry(server.url), { confirm: thrown });
  await assert.rejects(failed, { code: "confirm_failed" });
  const confirm = (() => "proven") as unknown as () => Promise<"proven">;
  assert.equal((await uploadFile(FILE, entry(server.url), { confirm })).alreadyThere, true);
});

test("a file that grew or shrank after it was opened is never sent whole", async () => {
  await using server = await serving(stored);
  const folder = await mkdtemp(`${tmpdir()}/liveproof-`);
  const path = `${folder}/photo.jpg`;
  const { describeFile, uploadFile } = uploader();
  for (const changed of [BYTES.subarray(0, 100_000), new Uint8Array([...BYTES, 1])]) {
    await writeFile(path, BYTES);
    const file = await openFile(path, "image/jpeg");
    await writeFile(path, changed);
    await assert.rejects(uploadFile(file, entry(server.url)), { code: "file_changed" });
    await assert.rejects(describeFile(file), { code: "file_changed" });
  }
  assert.equal(server.received.filter(({ body }) => body.length >= BYTES.length).length, 0);
  await rm(folder, { recursive: true });
});

test("a connection that closes after another protocol was answered is no answer", async () => {
  await using server = await serving((response) => {
    response.socket?.end("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
  });
  const sending = uploader().uploadFile(FILE, entry(server.url), { totalTimeout: 4_000 });
  await assert.rejects(sending, { code: "network" });
});

test("a file that was compressed again is told from bytes that changed on the way", async () => {
  await using wrong = await serving(refusal(400, "BadDigest"));
  const other = BYTES.toReversed();
  const { uploadFile } = uploader();
  await assert.rejects(uploadFile(other, entry(wrong.url)), { code: "file_changed" });
  assert.equal(wrong.received.length, 1);

  const [altered, requests] = await failing([refusal(400, "BadDigest")]);
  assert.deepEqual([altered.code, requests], ["bytes_altered", 2]);
});

test("a file of another size than declared is not sent", async () => {
  await using server = await serving(stored);
  const shorter = uploader().uploadFile(BYTES.subarray(1), entry(server.url));
  await assert.rejects(shorter, { code: "file_changed", message: /299999.*300000/ });
  assert.equal(server.received.length, 0);
});

test("changed headers are an error that no repetition mends", async () => {
  const answers = [
    refusal(403, "SignatureDoesNotMatch"),
    refusal(400, "InvalidDigest"),
    refusal(411, "MissingContentLength"),
    refusal(400, "InvalidArgument", "Only one auth mechanism allowed"),
    refusal(403, "AccessDenied", "There were headers present in the request which were not signed"),
  ];
  const renew = () => assert.fail("a fresh URL does not help");
  for (const answer of answers) {
    const [error, requests] = await failing([answer], { renew });
    assert.deepEqual([error.code, requests], ["headers_changed", 1]);
  }
});

test("what is no URL is not tried", async () => {
  for (const url of ["uploads/a", "file:///etc/passwd", "ftp://bucket/a"]) {
    const sending = uploader().uploadFile(FILE, { ...entry(""), url });
    await assert.rejects(sending, { code: "headers_changed" });
  }
});

test("what HTTP cannot send is not tried for ten minutes", async () => {
  await using server = await serving(stored);
  const clock = new FakeClock();
  const good = entry(server.url);
  for (const upload of [
    { ...good, method: "P UT" },
    entry(server.url, BYTES, { "x-a": "1\r\nx-b: secret" }),
    entry(server.url, BYTES, { "x a": "1" }),
    entry(server.url, BYTES, { "x-a": "sécret" }),
  ]) {
    const error = await uploader(clock).uploadFile(FILE, upload).catch((caught: unknown) => caught);
    assert.equal((error as UploadError).code, "headers_changed");
    assert.doesNotMatch(inspect(error), /cret/);
  }
  assert.deepEqual([server.received, clock.pauses], [[], []]);
});

test("an answer that nobody knows is an error with its code", async () => {
  // The second is a name that every object of JavaScript has.
  for (const code of ["MethodNotAllowed", "constructor"]) {
    const [error, requests] = await failing([refusal(405, code)]);
    assert.deepEqual([error.code, error.storageCode, requests], ["storage_refused", code, 1]);
  }
  const [moved] = await failing([(response) => response.writeHead(307, { Location: "/" }).end()]);
  assert.deepEqual([moved.code, moved.status], ["storage_refused", 307]);
});

test("a refusal before the last byte is an answer", async () => {
  const large = new Uint8Array(20_000_000);
  const early = createServer((_, response) => {
    response.writeHead(412, { Connection: "close" });
    response.end("<Error><Code>PreconditionFailed</Code></Error>");
  });
  await new Promise<void>((resolve) => early.listen(0, "127.0.0.1", resolve));
  const { port } = early.address() as AddressInfo;
  const result = await uploader().uploadFile(large, entry(`http://127.0.0.1:${port}`, large));
  assert.equal(result.alreadyThere, true);
  early.close();
  early.closeAllConnections();
});

test("a file that cannot be read is its own error, and nothing is repeated", async () => {
  await using server = await serving(stored);
  const cause = new Error("NotReadableError");
  const unreadable: FileLike = {
    size: BYTES.length,
    type: "image/jpeg",
    stream: () => new ReadableStream({ pull: (controller) => controller.error(cause) }),
  };
  const { describeFile, uploadFile } = uploader();
  await assert.rejects(describeFile(unreadable), { code: "file_unreadable", cause });
  await assert.rejects(uploadFile(unreadable, entry(server.url)), { code: "file_unreadable", cause });
});

test("an abort ends an attempt, a pause and the MD5", async () => {
  const reason = new Error("the person left");
  const aborted = { name: "AbortError", code: "aborted", cause: reason };
  const during = new AbortController();
  await using server = await serving(() => during.abort(reason));
  const { describeFile, uploadFile } = uploader();
  const { signal } = during;
  await assert.rejects(uploadFile(FILE, entry(server.url), { signal }), aborted);
  await assert.rejects(uploadFile(FILE, entry(server.url), { signal }), aborted);
  assert.equal(server.received.length, 1);
  await assert.rejects(describeFile(FILE, { signal }), aborted);

  const between = new AbortController();
  const clock = new FakeClock();
  clock.onPause = () => between.abort(reason);
  await using failed = await serving(broken);
  const pausing = uploader(clock).uploadFile(FILE, entry(failed.url), { signal: between.signal });
  await assert.rejects(pausing, aborted);
  assert.equal(failed.received.length, 1);
});

test("several inputs go together, and one request renews them all", async () => {
  const [expired = stored] = EXPIRED;
  await using server = await serving((response, received) =>
    (received.url.startsWith("/fresh") ? stored : expired)(response, received),
  );
  let renewed = 0;
  const seen = new Set<string>();
  const results = await uploader().uploadFiles(
    { image: FILE, video: BYTES },
    { uploads: { image: entry(`${server.url}/i`), video: entry(`${server.url}/v`) } },
    {
      renew: async () => {
        renewed += 1;
        // The other input meets its own expired URL meanwhile.
        await new Promise((resolve) => setImmediate(resolve));
        const fresh = `${server.url}/fresh${renewed}`;
        return { uploads: { image: entry(`${fresh}/i`), video: entry(`${fresh}/v`) } };
      },
      onProgress: (input) => seen.add(input),
    },
  );
  const success = { attempts: 2, alreadyThere: false };
  assert.deepEqual(results, { image: success, video: success });
  assert.equal(renewed, 1);
  assert.deepEqual(seen, new Set(["image", "video"]));
});

test("a URL that was fetched for another input long ago is not taken for a fresh one", async () => {
  const [expired = stored] = EXPIRED;
  const clock = new FakeClock();
  let renewed = 0;
  let videos = 0;
  await using server = await serving((response, received) => {
    if (received.url.startsWith("/v") && videos++ === 0) {
      // A large file on a slow network: its connection breaks when the URLs of then have expired.
      void (async () => {
        while (renewed === 0) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        await clock.sleep(20 * 60_000);
        broken(response, received);
      })();
      return;
    }
    const isTaken = received.url.startsWith("/fresh1/i") || received.url.startsWith("/fresh2/v");
    (isTaken ? stored : expired)(response, received);
  });
  const results = await uploader(clock).uploadFiles(
    { image: FILE, video: BYTES },
    { uploads: { image: entry(`${server.url}/i`), video: entry(`${server.url}/v`) } },
    {
      totalTimeout: 60 * 60_000,
      renew: async () => {
        const fresh = `${server.url}/fresh${++renewed}`;
        return { uploads: { image: entry(`${fresh}/i`), video: entry(`${fresh}/v`) } };
      },
    },
  );
  assert.equal(renewed, 2);
  assert.deepEqual(results["video"], { attempts: 3, alreadyThere: false });
});

test("times without an end are no times that are over at once", async () => {
  await using server = await serving(stored);
  const times = { totalTimeout: Infinity, stallTimeout: Infinity };
  const result = await uploader().uploadFile(FILE, entry(server.url), times);
  assert.deepEqual(result, { attempts: 1, alreadyThere: false });
});

test("a browser without AbortSignal.any and URL.canParse, as Safari 16, uploads and aborts", async () => {
  const { any } = AbortSignal;
  const { canParse } = URL;
  Object.assign(AbortSignal, { any: undefined });
  Object.assign(URL, { canParse: undefined });
  try {
    const leaving = new AbortController();
    await using server = await serving(stored, () => leaving.abort());
    const created = { uploads: { image: entry(server.url) } };
    const { uploadFiles } = uploader();
    const options = { signal: leaving.signal };
    const results = await uploadFiles({ image: FILE }, created, options);
    assert.equal(results["image"]?.attempts, 1);
    await assert.rejects(uploadFiles({ image: FILE }, created, options), { code: "aborted" });
    await assert.rejects(uploadFiles({ image: FILE }, created, options), { code: "aborted" });
    assert.equal(server.received.length, 2);
  } finally {
    Object.assign(AbortSignal, { any });
    Object.assign(URL, { canParse });
  }
});

test("the first input that fails ends the others", async () => {
  await using server = await serving((response, received) => {
    if (received.url.startsWith("/i")) {
      refusal(403, "SignatureDoesNotMatch")(response, received);
    }
  });
  const { uploadFiles } = uploader();
  const uploads = { image: entry(`${server.url}/i`), video: entry(`${server.url}/v`) };
  const both = uploadFiles({ image: FILE, video: FILE }, { uploads });
  await assert.rejects(both, { code: "headers_changed" });
  const unknown = uploadFiles({ film: FILE }, { uploads });
  await assert.rejects(unknown, { name: "TypeError", message: /"film"/ });
});
