import { useState } from "preact/hooks";
import { bytesOf, timeOf, words } from "../format";
import { askApi, wordsOf } from "../server";
import type { ClientsVerification, EvidenceFiles } from "../types";
import { Notice } from "./notice";

/** The signed manifest and the best frames, once a person asks to see them. */
export function Evidence({ verification }: { verification: ClientsVerification }) {
  const [files, setFiles] = useState<EvidenceFiles>();
  const [trouble, setTrouble] = useState("");
  const { id, client, status } = verification;
  if (status !== "decided") {
    return null;
  }
  const load = async () => {
    setTrouble("");
    try {
      setFiles(await askApi<EvidenceFiles>(client, "GET", `verifications/${id}/evidence`));
    } catch (error) {
      setTrouble(wordsOf(error));
    }
  };
  return (
    <section aria-labelledby="evidence-title">
      <h2 id="evidence-title">Evidence</h2>
      {files ? (
        <Files files={files} />
      ) : (
        <p>
          <button type="button" onClick={() => void load()}>
            Show evidence
          </button>{" "}
          <span class="muted">Frames show a person's face.</span>
        </p>
      )}
      {trouble && <Notice kind="bad">{trouble}</Notice>}
    </section>
  );
}

function Files({ files }: { files: EvidenceFiles }) {
  return (
    <>
      <ul class="evidence">
        {files.frames.map((frame) => (
          <li key={frame.name}>
            <img src={frame.url} alt={`Best frame ${frame.name}`} loading="lazy" />
            <span class="mono">{frame.name}</span>
            <span class="muted">{frame.size === null ? "" : bytesOf(frame.size)}</span>
          </li>
        ))}
      </ul>
      <p>
        {files.manifest ? (
          <a href={files.manifest.url} target="_blank" rel="noreferrer">
            Signed manifest ({files.manifest.name})
          </a>
        ) : (
          `There is no manifest: ${words(files.manifest_missing ?? "unknown")}.`
        )}
        {files.frames_missing && ` Frames: ${words(files.frames_missing)}.`}{" "}
        <span class="muted">The addresses are valid until {timeOf(files.expires_at)}.</span>
      </p>
    </>
  );
}
