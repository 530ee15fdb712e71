import { timeOf, words } from "../format";
import type { ReceivedWebhook } from "../types";

/** A webhook that the local receiver got: verdict, headers, body. */
export function WebhookEntry({ webhook }: { webhook: ReceivedWebhook }) {
  const attempt = webhook.headers["webhook-attempt"];
  return (
    <details class="webhook">
      <summary>
        <Verdict webhook={webhook} />
        <span class="webhook-type">{typeOf(webhook)}</span>
        {attempt && <span class="muted">attempt {attempt}</span>}
        <time class="muted">{timeOf(webhook.at)}</time>
      </summary>
      {webhook.causes.map((cause) => (
        <p key={cause.code} class="webhook-cause">
          <strong>{words(cause.code)}</strong>: {cause.meaning} {cause.advice}
        </p>
      ))}
      <h4>Headers</h4>
      <pre tabIndex={0} role="region" aria-label="Headers of the webhook">
        <code>
          {Object.entries(webhook.headers)
            .map(([name, value]) => `${name}: ${value}`)
            .join("\n")}
        </code>
      </pre>
      <h4>Body</h4>
      <pre tabIndex={0} role="region" aria-label="Body of the webhook">
        <code>{readable(webhook.body)}</code>
      </pre>
    </details>
  );
}

function Verdict({ webhook }: { webhook: ReceivedWebhook }) {
  return webhook.verified ? (
    <span class="verdict good">✓ verified{versionsOf(webhook)}</span>
  ) : (
    <span class="verdict bad">✕ NOT verified</span>
  );
}

function versionsOf({ versions }: ReceivedWebhook): string {
  return versions.length ? ` (${versions.join(", ")})` : "";
}

function typeOf({ body }: ReceivedWebhook): string {
  try {
    const { type } = JSON.parse(body) as { type?: unknown };
    return typeof type === "string" ? type : "no type";
  } catch {
    return "not JSON";
  }
}

/** The body with line breaks, if it is JSON: numbers and texts as they came. */
function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
