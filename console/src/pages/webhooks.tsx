import { useState } from "preact/hooks";
import { Notice } from "../components/notice";
import { WebhookEntry } from "../components/webhook";
import { timeOf, words } from "../format";
import { askApi, askJson, wordsOf } from "../server";
import { setup, webhooks } from "../state";
import type { WebhookHealth, WebhookTestResult } from "@liveproof/client";

const SHOWN = 100;

/** The endpoints of webhooks, and, on a local cloud, everything that its receiver got. */
export function WebhooksPage() {
  const about = setup.value;
  const newest = [...webhooks.value].reverse().slice(0, SHOWN);
  return (
    <div class="page">
      <h1>Webhooks</h1>
      {about?.clients.map((client) => (
        <Endpoint key={client} client={client} />
      ))}
      {about?.local && (
        <section aria-labelledby="received-title">
          <h2 id="received-title">Received</h2>
          <p class="muted">
            What the local receiver got at <code>{about.local.receiver}</code>, newest first.
          </p>
          {newest.length === 0 && <p class="empty">None yet.</p>}
          {newest.map((each) => (
            <WebhookEntry key={`${each.headers["webhook-id"]} ${each.at}`} webhook={each} />
          ))}
        </section>
      )}
    </div>
  );
}

function Endpoint({ client }: { client: string }) {
  const [result, setResult] = useState<WebhookTestResult>();
  const [health, setHealth] = useState<WebhookHealth>();
  const [trouble, setTrouble] = useState("");
  const ask = async (work: () => Promise<void>) => {
    setTrouble("");
    try {
      await work();
    } catch (error) {
      setTrouble(wordsOf(error));
    }
  };
  const test = () =>
    ask(async () => setResult(await askApi<WebhookTestResult>(client, "POST", "webhooks/test", {})));
  const look = () => ask(async () => setHealth(await askApi<WebhookHealth>(client, "GET", "webhooks/health")));
  return (
    <section class="card" aria-label={`Endpoint of ${client}`}>
      <h2>Endpoint of {client}</h2>
      <div class="actions">
        <button type="button" onClick={() => void test()}>
          Send a test
        </button>
        <button type="button" onClick={() => void look()}>
          How is it?
        </button>
      </div>
      {trouble && <Notice kind="bad">{trouble}</Notice>}
      {result && (
        <Notice kind={result.accepted ? "good" : "bad"} title={result.accepted ? "Accepted" : "Not accepted"}>
          {result.explanation} {result.advice}
        </Notice>
      )}
      {health && (
        <Notice kind={health.state === "well" || health.state === "unproven" ? "good" : "warn"} title={words(health.state)}>
          {health.failing_since ? `Failing since ${timeOf(health.failing_since)}, ${health.failures} failures. ` : ""}
          {health.paused_because ? `Paused because of ${health.paused_because}. ` : ""}
          {health.attempts_in_flight} attempts in flight.
        </Notice>
      )}
      {setup.value?.local && <Forwarding client={client} />}
    </section>
  );
}

/** Hands the webhooks of a client on to a receiver of the person's own. */
function Forwarding({ client }: { client: string }) {
  const local = setup.value?.local;
  const [trouble, setTrouble] = useState("");
  const current = local?.forwarding[client] ?? null;
  const forward = async (url: string | null) => {
    setTrouble("");
    try {
      await askJson("PUT", `local/forwarding/${encodeURIComponent(client)}`, { url });
      if (setup.value?.local) {
        const forwarding = { ...setup.value.local.forwarding, [client]: url };
        setup.value = { ...setup.value, local: { ...setup.value.local, forwarding } };
      }
    } catch (error) {
      setTrouble(wordsOf(error));
    }
  };
  return (
    <form
      class="forwarding"
      onSubmit={(event) => {
        event.preventDefault();
        const url = new FormData(event.currentTarget).get("url");
        void forward(String(url ?? "").trim() || null);
      }}
    >
      <label>
        Send to my URL as well
        <input
          name="url"
          type="url"
          inputMode="url"
          placeholder="http://127.0.0.1:4000/hook"
          defaultValue={current ?? ""}
        />
      </label>
      <button type="submit">{current ? "Change" : "Send there"}</button>
      {current && (
        <button type="button" onClick={() => void forward(null)}>
          Stop
        </button>
      )}
      <p class="muted" role="status">
        {current
          ? `Webhooks go on to ${current}: your answer is the one that counts.`
          : "The local receiver answers by itself."}
      </p>
      {trouble && <Notice kind="bad">{trouble}</Notice>}
    </form>
  );
}
