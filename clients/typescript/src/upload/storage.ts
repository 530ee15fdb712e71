/** What an answer of the bucket means, on S3 and on COS. */

/** An answer of the bucket: the status, and the body's text, which is XML when it is an error. */
export interface StorageAnswer {
  status: number;
  body: string;
}

/** The meaning of an answer. */
export type Meaning =
  /** The bucket has the file. */
  | "stored"
  /** The bucket had the file before: an earlier attempt arrived and its answer was lost. */
  | "exists"
  /** Another operation on the object at the same moment. */
  | "conflict"
  /** The bytes are not those of the MD5. */
  | "wrong_bytes"
  /** The headers or the URL are not those of the signature. */
  | "wrong_headers"
  /** The URL, or the key that signed it, has expired, or a clock is wrong. */
  | "stale_url"
  /** The connection stalled before the last byte. */
  | "cut_off"
  /** The bucket has a fault, or too much to do. */
  | "unavailable"
  | "unknown";

const BY_CODE: ReadonlyMap<string, Meaning> = new Map([
  ["PreconditionFailed", "exists"],
  ["FileAlreadyExists", "exists"],
  ["BadDigest", "wrong_bytes"],
  ["InvalidDigest", "wrong_headers"],
  ["SignatureDoesNotMatch", "wrong_headers"],
  ["MissingContentLength", "wrong_headers"],
  ["RequestTimeTooSkewed", "stale_url"],
  ["ExpiredToken", "stale_url"],
  ["InvalidToken", "stale_url"],
  ["IncompleteBody", "cut_off"],
  ["RequestTimeout", "cut_off"],
  ["EntitySizeNotMatch", "cut_off"],
]);

/** What is between `<name>` and `</name>`; these documents have no attributes. */
function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim();
}

/** The `Code` of an error. */
export function codeOf(answer: StorageAnswer): string | undefined {
  return element(answer.body, "Code");
}

/** The meaning of an answer: by its code, then by its status. */
export function meaningOf(answer: StorageAnswer): Meaning {
  const { status, body } = answer;
  if (status >= 200 && status < 300) {
    return "stored";
  }
  const code = codeOf(answer);
  const known = code === undefined ? undefined : BY_CODE.get(code);
  if (known !== undefined) {
    return known;
  }
  if (status === 412) {
    return "exists";
  }
  if (status === 409) {
    return "conflict";
  }
  if (status === 403) {
    return body.includes("HeadersNotSigned") || body.includes("not signed")
      ? "wrong_headers"
      : "stale_url";
  }
  if (code === "InvalidArgument" && body.includes("auth mechanism")) {
    return "wrong_headers";
  }
  return status === 408 || status === 429 || status >= 500 ? "unavailable" : "unknown";
}
