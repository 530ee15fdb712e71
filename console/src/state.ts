/** What the page knows: it comes from the server as it happens. */

import { computed, effect, signal } from "@preact/signals";
import { eventsOf } from "./events";
import { openVerification, route } from "./router";
import { ask, askApi, askJson, RequestFailed, wordsOf } from "./server";
import type {
  ClientsVerification,
  ReceivedWebhook,
  Setup,
  VendorCall,
  Verification,
  VerificationList,
} from "./types";

/** `locked`: the page has no token of this start of the server. */
export type Connection = "connecting" | "live" | "offline" | "locked";

const VERIFICATION_ID = /^ver_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;

export const setup = signal<Setup | null>(null);
export const connection = signal<Connection>("connecting");
/** Why the server sees nothing new; empty while all is well. */
export const trouble = signal("");
export const verifications = signal<ReadonlyMap<string, ClientsVerification>>(new Map());
export const calls = signal<readonly VendorCall[]>([]);
export const webhooks = signal<readonly ReceivedWebhook[]>([]);
/** True once the first verifications have come. */
export const hasLooked = signal(false);

/** Newest first: ids sort by time. */
export const newestFirst = computed(() =>
  [...verifications.value.values()].sort((one, other) => (one.id < other.id ? 1 : -1)),
);

/** When the stream last told of each verification, on the page's clock (ms). */
const toldAt = new Map<string, number>();

/**
 * Asks a client's route for one verification or a page of them, and keeps what the answer has. The
 * stream tells every change in its order, so an answer that a change overtook is not kept.
 */
export async function askAndKeep<Answer extends Verification | VerificationList>(
  client: string,
  method: string,
  path: string,
): Promise<Answer> {
  const askedAt = performance.now();
  const answer = await askApi<Answer>(client, method, path);
  const seen: Verification[] = "verifications" in answer ? answer.verifications : [answer];
  const isNews = ({ id }: Verification) => (toldAt.get(id) ?? -1) < askedAt;
  keep(seen.filter(isNews).map((verification) => ({ ...verification, client })));
  return answer;
}

function keep(seen: readonly ClientsVerification[]): void {
  const all = new Map(verifications.value);
  for (const verification of seen) {
    all.set(verification.id, verification);
  }
  verifications.value = all;
}

/** Reads events until the page closes; begins again whenever the stream ends. */
export async function listen(): Promise<never> {
  let pause = FIRST_PAUSE;
  for (;;) {
    try {
      setup.value ??= await askJson<Setup>("GET", "setup");
      await listenOnce(() => {
        pause = FIRST_PAUSE;
      });
    } catch (error) {
      const isLocked = error instanceof RequestFailed && error.status === 401;
      connection.value = isLocked ? "locked" : "offline";
      trouble.value = wordsOf(error);
      await new Promise((done) => setTimeout(done, pause));
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  }
}

async function listenOnce(began: () => void): Promise<void> {
  await untilVisible();
  const ended = new AbortController();
  const watched = openVerification.value;
  // Another open verification is watched by another stream.
  const stop = effect(() => {
    if (openVerification.value !== watched) {
      ended.abort();
    }
  });
  // A browser has six connections to a server for all tabs together: a stream of each hidden tab
  // would leave none for the tab that is looked at.
  const hide = () => document.hidden && ended.abort();
  document.addEventListener("visibilitychange", hide);
  try {
    const query = watched && VERIFICATION_ID.test(watched) ? `?watch=${encodeURIComponent(watched)}` : "";
    const response = await ask(`events${query}`, { signal: ended.signal });
    if (!response.body) {
      throw new TypeError("the stream has no body");
    }
    began();
    for await (const { name, data } of eventsOf(response.body)) {
      connection.value = "live";
      take(name, data);
    }
    throw new TypeError("the stream ended");
  } catch (error) {
    if (!ended.signal.aborted) {
      throw error;
    }
  } finally {
    stop();
    document.removeEventListener("visibilitychange", hide);
  }
}

function untilVisible(): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!document.hidden) {
        document.removeEventListener("visibilitychange", look);
        resolve();
      }
    };
    document.addEventListener("visibilitychange", look);
    look();
  });
}

function take(name: string, data: unknown): void {
  switch (name) {
    case "verifications":
      tell(data as ClientsVerification[]);
      break;
    case "calls":
      calls.value = data as VendorCall[];
      break;
    case "webhooks":
      webhooks.value = data as ReceivedWebhook[];
      break;
    case "trouble":
      trouble.value = data as string;
      break;
  }
}

function tell(changed: readonly ClientsVerification[]): void {
  for (const { id } of changed) {
    toldAt.set(id, performance.now());
  }
  keep(changed);
  hasLooked.value = true;
}

/** The open verification, if it is known. */
export const opened = computed(() => {
  const { value } = route;
  return value.name === "verification" ? verifications.value.get(value.id) : undefined;
});
