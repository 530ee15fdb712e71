import { useEffect, useState } from "preact/hooks";
import { Actions } from "../components/actions";
import { CopyButton } from "../components/copy";
import { Evidence } from "../components/evidence";
import { Notice } from "../components/notice";
import { Pill, WebhookState } from "../components/pill";
import { Snippets } from "../components/snippets";
import { Timeline } from "../components/timeline";
import { UploadProgress } from "../components/upload-progress";
import { WebhookEntry } from "../components/webhook";
import { timeOf, wholeTimeOf, words } from "../format";
import { route } from "../router";
import { RequestFailed, wordsOf } from "../server";
import { askAndKeep, opened, setup, webhooks } from "../state";
import type { ClientsVerification, CreateVerification } from "../types";

/** One verification, as it moves. */
export function VerificationPage({ id }: { id: string }) {
  const trouble = useVerification(id);
  const verification = opened.value;
  const search = route.value.query.toString();
  return (
    <article class="split-detail" aria-labelledby="verification-title">
      <a class="back" href={`#/${search && `?${search}`}`}>
        ← All verifications
      </a>
      {verification ? (
        <Details verification={verification} />
      ) : (
        <div class="empty">
          <h1 id="verification-title" class="mono">
            {id}
          </h1>
          {trouble ? <Notice kind="bad">{trouble}</Notice> : <p role="status">Loading…</p>}
        </div>
      )}
    </article>
  );
}

/** Asks for a verification that the page has not seen yet. Returns why it cannot be shown. */
function useVerification(id: string): string | undefined {
  const [trouble, setTrouble] = useState<string>();
  useEffect(() => {
    if (opened.value) {
      return;
    }
    void load(id).then(setTrouble);
  }, [id]);
  return trouble;
}

async function load(id: string): Promise<string | undefined> {
  for (const client of setup.value?.clients ?? []) {
    try {
      await askAndKeep(client, "GET", `verifications/${encodeURIComponent(id)}`);
      return undefined;
    } catch (error) {
      if (!(error instanceof RequestFailed && error.status === 404)) {
        return wordsOf(error);
      }
    }
  }
  return "There is no such verification here.";
}

function Details({ verification }: { verification: ClientsVerification }) {
  const about = setup.value;
  return (
    <>
      <div class="detail-head">
        <div class="detail-title">
          <h1 id="verification-title">
            <Pill verification={verification} />
            <span class="visually-hidden">: verification </span>
            <span class="mono detail-id">{verification.id}</span>
          </h1>
          <CopyButton text={verification.id} label="Copy id" />
        </div>
        <Actions verification={verification} />
      </div>
      <p class="visually-hidden" aria-live="polite">
        {verification.decision
          ? `Decided: ${verification.decision}`
          : `Status: ${words(verification.status)}`}
      </p>
      {verification.reason && (
        <p class="reason">
          <code>{verification.reason.code}</code> {verification.reason.message}
          {verification.reason.vendor_code && (
            <span class="muted"> (vendor: {verification.reason.vendor_code})</span>
          )}
        </p>
      )}
      <Scores verification={verification} />
      <UploadProgress verification={verification} />
      <section aria-labelledby="timeline-title">
        <h2 id="timeline-title">Timeline</h2>
        <Timeline verification={verification} />
      </section>
      <Webhooks verification={verification} />
      <section aria-labelledby="facts-title">
        <h2 id="facts-title">Details</h2>
        <Facts verification={verification} />
      </section>
      <Evidence key={verification.id} verification={verification} />
      {about && verification.status !== "erased" && verification.status !== "erasing" && (
        <section aria-labelledby="request-title">
          <h2 id="request-title">The request</h2>
          <Snippets body={requestOf(verification)} />
        </section>
      )}
    </>
  );
}

function Scores({ verification }: { verification: ClientsVerification }) {
  const rules = setup.value?.checks[verification.check];
  const scores = Object.entries(verification.scores);
  if (scores.length === 0) {
    return null;
  }
  return (
    <dl class="scores">
      {scores.map(([name, score]) => (
        <div key={name} class="score">
          <dt>{words(name)}</dt>
          <dd>
            <meter
              min={0}
              max={rules?.threshold_max ?? 100}
              low={verification.threshold}
              optimum={rules?.threshold_max ?? 100}
              value={score}
              aria-label={words(name)}
            />
            <span>
              {score} <span class="muted">of {rules?.threshold_max ?? 100}</span>
            </span>
            {name === rules?.score && (
              <span class="muted">passes from {verification.threshold}</span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Webhooks({ verification }: { verification: ClientsVerification }) {
  if (!setup.value?.local) {
    return null;
  }
  const own = webhooks.value.filter((each) => each.verification === verification.id);
  return (
    <section aria-labelledby="webhooks-title">
      <h2 id="webhooks-title">
        Webhooks <WebhookState verification={verification} />
      </h2>
      {own.length === 0 ? (
        <p class="muted">The local receiver got none yet.</p>
      ) : (
        own.map((each, index) => <WebhookEntry key={index} webhook={each} />)
      )}
    </section>
  );
}

function Facts({ verification }: { verification: ClientsVerification }) {
  const { challenge } = verification;
  return (
    <dl class="facts">
      <Fact name="Check" value={verification.check} />
      <Fact name="Reference" value={verification.reference} />
      {Object.entries(verification.metadata).map(([name, value]) => (
        <Fact key={name} name={name} value={value} />
      ))}
      <Fact name="Consent" value={verification.consent_reference} />
      {(setup.value?.clients.length ?? 1) > 1 && <Fact name="Client" value={verification.client} />}
      <Fact name="Region" value={verification.region} />
      <Fact name="Threshold" value={String(verification.threshold)} />
      <Fact
        name="Challenge"
        value={challenge && [challenge.type, challenge.data].filter(Boolean).join(" ")}
      />
      <Time name="Expires" at={verification.expires_at} />
      <Fact name="Redo of" value={verification.redo_of} />
      {Object.entries(verification.signals).map(([name, value]) => (
        <Fact key={name} name={`Signal ${words(name)}`} value={String(value)} />
      ))}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string | null | undefined }) {
  if (value === null || value === undefined || value === "") {
    return null;
  }
  return (
    <div>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

function Time({ name, at }: { name: string; at: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <time dateTime={at} title={wholeTimeOf(at)}>
          {timeOf(at)}
        </time>
      </dd>
    </div>
  );
}

/** The body that asks for the same once more. */
function requestOf(verification: ClientsVerification): CreateVerification {
  const { challenge, reference, metadata, consent_reference: consent } = verification;
  return {
    check: verification.check as CreateVerification["check"],
    inputs: Object.fromEntries(
      Object.entries(verification.inputs).map(([name, input]) => [
        name,
        { md5: input.md5, size: input.size, content_type: input.content_type },
      ]),
    ),
    ...(challenge && { challenge: challenge as CreateVerification["challenge"] }),
    ...(reference !== null && { reference }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(consent !== null && { consent_reference: consent }),
    threshold: verification.threshold,
  } as CreateVerification;
}
