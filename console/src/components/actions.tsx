import { useState } from "preact/hooks";
import { wordsOf } from "../server";
import { askAndKeep } from "../state";
import type { ClientsVerification } from "../types";
import { stopUploads } from "../uploads";
import { Dialog } from "./dialog";
import { Notice } from "./notice";

/** What can be done to a verification: send its webhook again, erase it. */
export function Actions({ verification }: { verification: ClientsVerification }) {
  const [trouble, setTrouble] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [isErasing, setIsErasing] = useState(false);
  const { id, client, status } = verification;
  const act = async (method: string, path: string) => {
    setIsBusy(true);
    setTrouble("");
    try {
      await askAndKeep(client, method, path);
    } catch (error) {
      setTrouble(wordsOf(error));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <div class="actions">
      {status === "decided" && (
        <button
          type="button"
          disabled={isBusy}
          onClick={() => void act("POST", `verifications/${id}/deliveries`)}
        >
          Send webhook again
        </button>
      )}
      {status !== "erasing" && status !== "erased" && (
        <button type="button" class="danger" disabled={isBusy} onClick={() => setIsErasing(true)}>
          Erase…
        </button>
      )}
      {trouble && <Notice kind="bad">{trouble}</Notice>}
      {isErasing && (
        <Dialog title="Erase this verification?" onClose={() => setIsErasing(false)}>
          <p>
            Its reference, metadata and scores are removed now, its files soon. The decision, the
            times and the ledger stay. This cannot be undone.
          </p>
          <p class="mono">{id}</p>
          <div class="dialog-end">
            <button type="button" onClick={() => setIsErasing(false)}>
              Keep it
            </button>
            <button
              type="button"
              class="danger primary"
              onClick={() => {
                setIsErasing(false);
                stopUploads(id);
                void act("DELETE", `verifications/${id}`);
              }}
            >
              Erase
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
