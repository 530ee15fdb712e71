import { words } from "../format";
import type { ClientsVerification } from "../types";

const SIGNS: Record<string, string> = {
  passed: "✓",
  rejected: "✕",
  resubmit: "↻",
  error: "!",
  expired: "⏲",
};

/** The decision; until there is one, the status. Never by colour alone. */
export function Pill({ verification }: { verification: ClientsVerification }) {
  const { decision, status } = verification;
  if (status === "erasing" || status === "erased") {
    return <span class="pill erased">{words(status)}</span>;
  }
  if (decision === null) {
    return (
      <span class="pill open">
        <span class="dot" aria-hidden="true" />
        {words(status)}
      </span>
    );
  }
  return (
    <span class={`pill ${decision}`}>
      <span aria-hidden="true">{SIGNS[decision]}</span>
      {decision}
    </span>
  );
}

/** How the webhook stands, in a word. */
export function WebhookState({ verification }: { verification: ClientsVerification }) {
  const { delivery } = verification;
  if (!delivery) {
    return null;
  }
  const attempts = delivery.log.length > 1 ? `, ${delivery.log.length} attempts` : "";
  return (
    <span class={`webhook-state ${delivery.state}`}>
      webhook {delivery.state}
      {attempts}
    </span>
  );
}
