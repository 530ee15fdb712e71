import { useState } from "preact/hooks";
import { bytesOf, words } from "../format";
import { wordsOf } from "../server";
import type { ClientsVerification } from "../types";
import { hasFiles, sendAgain, stopUploads, type UploadState, uploads } from "../uploads";
import { Notice } from "./notice";

/** The files on their way from this page to the bucket. */
export function UploadProgress({ verification }: { verification: ClientsVerification }) {
  const [trouble, setTrouble] = useState("");
  const { id, status } = verification;
  const states = uploads.value.get(id);
  if (!states || status === "erasing" || status === "erased") {
    return null;
  }
  const all = Object.values(states);
  const isSending = all.some(({ state }) => state === "sending");
  const hasFailed = all.some(({ state }) => state === "failed" || state === "stopped");
  const isAwaited = status === "awaiting_upload";
  if (!isAwaited && !isSending && !hasFailed) {
    return null;
  }
  const again = async () => {
    setTrouble("");
    try {
      await sendAgain(id);
    } catch (error) {
      setTrouble(wordsOf(error));
    }
  };
  return (
    <section aria-labelledby="uploads-title" class="card">
      <h2 id="uploads-title">Uploads to the bucket</h2>
      {Object.entries(states).map(([input, state]) => (
        <One key={input} input={input} upload={state} />
      ))}
      {trouble && <Notice kind="bad">{trouble}</Notice>}
      <div class="actions">
        {isSending && (
          <button type="button" onClick={() => stopUploads(id)}>
            Stop
          </button>
        )}
        {!isSending && hasFailed && isAwaited && hasFiles(id) && (
          <button type="button" class="primary" onClick={() => void again()}>
            Send the right bytes
          </button>
        )}
      </div>
    </section>
  );
}

const SAID: Record<UploadState["state"], string> = {
  sending: "sending",
  sent: "arrived",
  failed: "refused",
  stopped: "stopped",
};

function One({ input, upload }: { input: string; upload: UploadState }) {
  const { loaded, total, state, refusal } = upload;
  return (
    <div class="upload">
      <div class="upload-line">
        <strong>{words(input)}</strong>
        <span class="muted">
          {bytesOf(loaded)} of {bytesOf(total)} · {SAID[state]}
        </span>
      </div>
      <progress max={total} value={loaded} aria-label={`Upload of ${words(input)}`} />
      {refusal && (
        <Notice kind="bad" title={refusal.title}>
          {refusal.detail}. {refusal.advice}
          {refusal.bucket && (
            <>
              {" "}
              The bucket answered <code>{refusal.bucket}</code>.
            </>
          )}
        </Notice>
      )}
    </div>
  );
}
