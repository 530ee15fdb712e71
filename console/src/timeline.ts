/** What has happened to a verification, step by step, from what the API says of it. */

import { words } from "./format";
import type { ClientsVerification } from "./types";

/** `now`: the verification waits for this, or is in it. */
export type StepState = "done" | "now" | "failed" | "ahead";

export interface Step {
  key: string;
  state: StepState;
  title: string;
  detail?: string;
  /** A time of the API, if it names one. */
  at?: string;
}

type Call = ClientsVerification["calls"][number];
type Attempt = NonNullable<ClientsVerification["delivery"]>["log"][number];

const WAITS: Record<string, string> = {
  quota: "It waits for its slot under the vendor's quota.",
  vendor: "It waits until the vendor can be asked again.",
  operator: "It waits for an operator.",
};

/** The steps, oldest first. */
export function timelineOf(verification: ClientsVerification): Step[] {
  return [
    { key: "created", state: "done", title: "Asked for", at: verification.created_at },
    ...inputSteps(verification),
    ...callSteps(verification),
    decisionStep(verification),
    ...deliverySteps(verification),
    ...erasureSteps(verification),
  ];
}

function inputSteps(verification: ClientsVerification): Step[] {
  const isAwaited = verification.status === "awaiting_upload";
  return Object.entries(verification.inputs).map(([name, input]) => {
    const key = `input-${name}`;
    if (input.state === "proven") {
      const detail = `${input.size} bytes, MD5 ${input.md5}`;
      return { key, state: "done", title: `${words(name)}: bytes proven`, detail };
    }
    if (input.state === "refused") {
      const detail = input.reason ? words(input.reason) : "";
      return { key, state: "failed", title: `${words(name)}: refused`, detail };
    }
    const title = isAwaited ? `${words(name)}: awaited` : `${words(name)}: did not arrive`;
    return { key, state: isAwaited ? "now" : "failed", title };
  });
}

function callSteps(verification: ClientsVerification): Step[] {
  const steps = verification.calls.map(callStep);
  const { status, waiting_for: waitsFor, decision } = verification;
  if (decision === null && (status === "ready" || status === "held" || waitsFor)) {
    const detail = waitsFor ? (WAITS[waitsFor] ?? waitsFor) : "It is next.";
    steps.push({ key: "waiting", state: "now", title: "Waits for the vendor's call", detail });
  }
  return steps;
}

function callStep(call: Call): Step {
  const key = `call-${call.number}`;
  const title = `Call ${call.number}: ${call.action}`;
  if (call.state !== "settled") {
    const detail = call.state === "intent" ? "intent: not sent yet" : "sent: no answer yet";
    return { key, state: "now", title, detail };
  }
  const facts = [
    call.outcome && words(call.outcome),
    call.code,
    call.latency_ms === null ? null : `${call.latency_ms} ms`,
    call.billable && `billed: ${call.billable}`,
  ];
  return {
    key,
    state: call.outcome === "answered" ? "done" : "failed",
    title,
    detail: facts.filter(Boolean).join(" · "),
  };
}

function decisionStep(verification: ClientsVerification): Step {
  const { decision, decided_at: at, reason } = verification;
  if (decision === null) {
    return { key: "decision", state: "ahead", title: "Decision" };
  }
  return {
    key: "decision",
    state: decision === "passed" ? "done" : "failed",
    title: `Decided: ${decision}`,
    ...(reason && { detail: reason.code }),
    ...(at && { at }),
  };
}

function deliverySteps(verification: ClientsVerification): Step[] {
  const { delivery, decision } = verification;
  if (!delivery) {
    return decision === null ? [{ key: "webhook", state: "ahead", title: "Webhook" }] : [];
  }
  const steps = delivery.log.map(attemptStep);
  if (delivery.state === "pending") {
    const next = delivery.log.at(-1)?.next_at;
    steps.push({
      key: `delivery-${delivery.number}`,
      state: "now",
      title: next ? "Webhook: next attempt" : "Webhook: on its way",
      ...(next && { at: next }),
    });
  } else if (delivery.state === "exhausted") {
    const detail = "All attempts of the schedule failed. Send it again when the endpoint is well.";
    steps.push({ key: "exhausted", state: "failed", title: "Webhook: given up", detail });
  }
  return steps;
}

function attemptStep(attempt: Attempt, index: number): Step {
  const accepted = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
  const answer = attempt.status === null ? words(attempt.error ?? "no answer") : attempt.status;
  return {
    key: `attempt-${attempt.delivery}-${attempt.number ?? `x${index}`}`,
    state: accepted ? "done" : "failed",
    title: `Webhook ${attempt.delivery}.${attempt.number ?? "–"}: ${answer}`,
    detail: [`${attempt.latency_ms} ms`, attempt.answer].filter(Boolean).join(" · "),
    at: attempt.at,
  };
}

function erasureSteps({ erasure }: ClientsVerification): Step[] {
  if (!erasure) {
    return [];
  }
  const requested: Step = {
    key: "erasing",
    state: "done",
    title: "Erasure requested: personal fields are gone",
    at: erasure.requested_at,
  };
  const erased: Step = erasure.erased_at
    ? { key: "erased", state: "done", title: "Files deleted", at: erasure.erased_at }
    : { key: "erased", state: "now", title: "Files are being deleted" };
  return [requested, erased];
}
