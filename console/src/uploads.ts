/** Files on their way from this page straight to the bucket, by verification and input. */

import { describeFile, type Progress, uploadFile } from "@liveproof/client/upload";
import { signal } from "@preact/signals";
import { askApi } from "./server";
import type { Created, InputRules, Verification } from "./types";
import { type Refusal, refusalOf } from "./refusals";

/** A file to send; `corrupt` sends other bytes than were declared, to see the bucket refuse them. */
export interface Outgoing {
  file: Blob;
  corrupt: boolean;
}

export interface UploadState extends Progress {
  state: "sending" | "sent" | "failed" | "stopped";
  refusal?: Refusal;
}

type States = Readonly<Record<string, UploadState>>;

interface Sending {
  client: string;
  files: Record<string, Outgoing>;
  stop: AbortController;
}

const TOTAL_TIMEOUT = 120_000;

export const uploads = signal<ReadonlyMap<string, States>>(new Map());
const sending = new Map<string, Sending>();

/** What a file is, as the API wants it declared. Rejects with UploadError if the check takes none. */
export function declare(
  file: Blob,
  rules: InputRules,
  onProgress: (progress: Progress) => void,
): ReturnType<typeof describeFile> {
  const takesAnything = rules.content_types.includes("application/octet-stream");
  const type = file.type.split(";")[0] ?? "";
  const isKnown = rules.content_types.includes(type);
  return describeFile(file, {
    contentType: takesAnything && !isKnown ? "application/octet-stream" : type,
    contentTypes: rules.content_types,
    maxBytes: rules.max_bytes,
    onProgress,
  });
}

/** Sends the files of a verification that was just created. Ends when all have ended. */
export async function send(
  client: string,
  created: Created,
  files: Record<string, Outgoing>,
): Promise<void> {
  const stop = new AbortController();
  sending.set(created.id, { client, files, stop });
  await Promise.all(
    Object.entries(files).map(([input, outgoing]) =>
      sendOne(client, created, input, outgoing, stop.signal),
    ),
  );
}

/** Stops all uploads of a verification. */
export function stopUploads(id: string): void {
  sending.get(id)?.stop.abort();
}

/** Whether this page still has the files of a verification, to send them again. */
export function hasFiles(id: string): boolean {
  return sending.has(id);
}

/** Sends again what did not arrive, with the right bytes and fresh URLs. */
export async function sendAgain(id: string): Promise<void> {
  const before = sending.get(id);
  if (!before) {
    return;
  }
  const created = await renewed(before.client, id);
  const left = Object.entries(before.files).filter(([input]) => input in created.uploads);
  const files = Object.fromEntries(
    left.map(([input, { file }]) => [input, { file, corrupt: false }]),
  );
  await send(before.client, created, files);
}

async function sendOne(
  client: string,
  created: Created,
  input: string,
  { file, corrupt }: Outgoing,
  signal: AbortSignal,
): Promise<void> {
  const { id } = created;
  const tell = (state: UploadState) => {
    const all = new Map(uploads.value);
    all.set(id, { ...all.get(id), [input]: state });
    uploads.value = all;
  };
  let progress: Progress = { loaded: 0, total: file.size };
  tell({ state: "sending", ...progress });
  const upload = created.uploads[input];
  try {
    if (!upload) {
      throw new Error(`The API awaits no ${input}.`);
    }
    await uploadFile(corrupt ? await corrupted(file) : file, upload, {
      signal,
      totalTimeout: TOTAL_TIMEOUT,
      onProgress: (now) => {
        progress = now;
        tell({ state: "sending", ...progress });
      },
      renew: async () => (await renewed(client, id)).uploads[input] ?? null,
      confirm: async () => {
        const seen = await askApi<Verification>(client, "GET", `verifications/${id}`);
        return seen.inputs[input]?.state ?? "missing";
      },
    });
    tell({ state: "sent", loaded: file.size, total: file.size });
  } catch (error) {
    const state = signal.aborted ? "stopped" : "failed";
    tell({ state, ...progress, refusal: refusalOf(error) });
  }
}

function renewed(client: string, id: string): Promise<Created> {
  return askApi<Created>(client, "POST", `verifications/${id}/uploads`, {});
}

/** The same number of bytes, and another last one. */
async function corrupted(file: Blob): Promise<Blob> {
  const end = new Uint8Array(await file.slice(-1).arrayBuffer());
  const other = end.map((byte) => byte ^ 0xff);
  return new Blob([file.slice(0, -1), other], { type: file.type });
}
