/** Why a file was not taken, and what to do: by the uploader's codes. */

import { UploadError, type UploadErrorCode } from "@liveproof/client/upload";
import { wordsOf } from "./server";

export interface Refusal {
  title: string;
  /** What the uploader saw. */
  detail: string;
  advice: string;
  /** The bucket's own words: status and code of its XML. */
  bucket?: string;
}

type Explanation = Pick<Refusal, "title" | "advice">;

const EXPLANATIONS: Record<UploadErrorCode, Explanation> = {
  aborted: { title: "The upload was stopped", advice: "Send it again if you like." },
  file_empty: { title: "The file is empty", advice: "Choose another file." },
  file_too_large: {
    title: "The file is too large",
    advice: "Make it smaller, or choose another one.",
  },
  content_type_not_accepted: {
    title: "The check does not take this kind of file",
    advice: "Convert the file: another name alone does not help.",
  },
  file_unreadable: {
    title: "The file cannot be read",
    advice: "It was moved or changed since it was chosen. Choose it again.",
  },
  file_changed: {
    title: "The bucket refused the bytes",
    advice:
      "They are not the declared ones: the file was changed after its MD5 was computed, for example compressed once more. Send the declared bytes.",
  },
  bytes_altered: {
    title: "The bucket got other bytes",
    advice: "Something between this browser and the bucket changed them: a proxy, an extension.",
  },
  headers_changed: {
    title: "The bucket refused the signature",
    advice: "It got another URL or other headers than the API gave. Look for a proxy or extension.",
  },
  url_expired: { title: "The upload's URL has expired", advice: "Send it again: it gets a new one." },
  clock_skew: {
    title: "The bucket says that a fresh URL has expired",
    advice: "The clock of the server that signs is wrong.",
  },
  renew_failed: {
    title: "There is no fresh URL",
    advice: "The API gave none: see what it said. An input's URLs are issued ten times in all.",
  },
  confirm_failed: {
    title: "The API did not say whether the file arrived",
    advice: "The bucket has it. Look at the timeline.",
  },
  not_confirmed: {
    title: "The bucket has the file, but liveproof has not seen it",
    advice: "Look at the timeline: the bucket's event may be late.",
  },
  input_refused: {
    title: "The file arrived, and liveproof refused it",
    advice: "The verification ends with resubmit. The timeline has the reason.",
  },
  network: {
    title: "The bucket did not answer this page",
    advice:
      "There is no network, or the bucket has no CORS rule for this page's origin. Set corsOrigins on AWS or cors_origins on Tencent Cloud to the origin of this page.",
  },
  storage_unavailable: {
    title: "The bucket has a fault of its own",
    advice: "Send it again in a while.",
  },
  storage_refused: { title: "The bucket refused the file", advice: "Its own words are below." },
};

/** The words for what an upload, or the look at a file before it, threw. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof UploadError)) {
    return { title: "The upload failed", detail: wordsOf(error), advice: "" };
  }
  const answer = [error.status, error.storageCode].filter(Boolean).join(" ");
  const cause = error.code === "renew_failed" ? `: ${wordsOf(error.cause)}` : "";
  return {
    ...EXPLANATIONS[error.code],
    detail: error.message + cause,
    ...(answer && { bucket: answer }),
  };
}
