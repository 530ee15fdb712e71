import { useEffect, useState } from "preact/hooks";
import { Notice } from "../components/notice";
import { Pill, WebhookState } from "../components/pill";
import { timeOf, wholeTimeOf } from "../format";
import { addressOf, filterBy, openVerification, route } from "../router";
import { RequestFailed, wordsOf } from "../server";
import { askAndKeep, hasLooked, newestFirst, setup, verifications } from "../state";
import type { ClientsVerification, VerificationList } from "../types";

const DECISIONS = ["passed", "rejected", "resubmit", "error", "expired"];
const PAGE = 50;

/** All verifications, newest first, by decision, check and reference. */
export function ListPage() {
  const { query } = route.value;
  const reference = query.get("reference") ?? "";
  const decision = query.get("decision") ?? "";
  const check = query.get("check") ?? "";
  const shown = newestFirst.value.filter(
    (each) =>
      (!decision || (decision === "undecided" ? each.decision === null : each.decision === decision)) &&
      (!check || each.check === check) &&
      (!reference || each.reference === reference || each.id === reference),
  );
  return (
    <section class="list" aria-labelledby="list-title">
      <div class="list-head">
        <h1 id="list-title">Verifications</h1>
        <Filters reference={reference} decision={decision} check={check} />
      </div>
      {shown.length > 0 ? (
        <ol class="rows">
          {shown.map((each) => (
            <Row key={each.id} verification={each} />
          ))}
        </ol>
      ) : (
        <Empty isFiltered={Boolean(reference || decision || check)} />
      )}
      <Older key={decision} decision={decision} reference={reference} />
    </section>
  );
}

function Filters(chosen: { reference: string; decision: string; check: string }) {
  const [trouble, setTrouble] = useState("");
  const search = async (text: string) => {
    filterBy({ reference: text });
    setTrouble("");
    try {
      await find(text);
    } catch (error) {
      setTrouble(wordsOf(error));
    }
  };
  useEffect(() => {
    if (chosen.reference) {
      void search(chosen.reference);
    }
  }, []);
  return (
    <>
      <form
        class="filters"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          const text = new FormData(event.currentTarget).get("reference");
          void search(String(text ?? "").trim());
        }}
      >
        <label class="filter-search">
          <span class="visually-hidden">Reference or id</span>
          <input
            type="search"
            name="reference"
            placeholder="Reference or ver_…"
            defaultValue={chosen.reference}
            onInput={(event) => {
              if (!event.currentTarget.value) {
                filterBy({ reference: "" });
              }
            }}
          />
        </label>
        <button type="submit">Search</button>
        <Choice name="Decision" value={chosen.decision} filter="decision" of={[...DECISIONS, "undecided"]} />
        <Choice name="Check" value={chosen.check} filter="check" of={Object.keys(setup.value?.checks ?? {})} />
      </form>
      {trouble && <Notice kind="bad">{trouble}</Notice>}
    </>
  );
}

function Choice(properties: { name: string; value: string; filter: string; of: string[] }) {
  const { name, value, filter, of } = properties;
  return (
    <label>
      <span class="visually-hidden">{name}</span>
      <select value={value} onChange={(event) => filterBy({ [filter]: event.currentTarget.value })}>
        <option value="">{name}: all</option>
        {of.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

function Row({ verification }: { verification: ClientsVerification }) {
  const isOpen = openVerification.value === verification.id;
  const isOneOfMany = (setup.value?.clients.length ?? 1) > 1;
  return (
    <li>
      <a class="row" href={addressOf(verification.id)} aria-current={isOpen ? "true" : undefined}>
        <Pill verification={verification} />
        <span class="row-main">
          <span class="row-title">
            <span class="row-check">{verification.check}</span>
            {verification.reference && <bdi class="row-reference">{verification.reference}</bdi>}
          </span>
          <span class="row-id">
            {verification.id}
            {isOneOfMany && ` · ${verification.client}`}
          </span>
        </span>
        <span class="row-end">
          <time dateTime={verification.created_at} title={wholeTimeOf(verification.created_at)}>
            {timeOf(verification.created_at)}
          </time>
          <WebhookState verification={verification} />
        </span>
      </a>
    </li>
  );
}

function Empty({ isFiltered }: { isFiltered: boolean }) {
  if (!hasLooked.value) {
    return (
      <p class="empty" role="status">
        Loading…
      </p>
    );
  }
  if (isFiltered) {
    return (
      <div class="empty">
        <p>No verification fits.</p>
        <button type="button" onClick={() => filterBy({ reference: "", decision: "", check: "" })}>
          Show all
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <p>There is no verification yet.</p>
      <a class="button primary" href="#/new">
        Ask for the first one
      </a>
    </div>
  );
}

/** The list goes on beyond what the server looks at by itself. */
function Older({ decision, reference }: { decision: string; reference: string }) {
  const [cursors, setCursors] = useState<Record<string, string | null>>({});
  const [state, setState] = useState<"idle" | "loading" | string>("idle");
  const clients = setup.value?.clients ?? [];
  const isAtEnd = clients.every((client) => cursors[client] === null);
  // What the server looks at by itself is the first page.
  if (newestFirst.value.length < PAGE || isAtEnd || reference) {
    return null;
  }
  const load = async () => {
    setState("loading");
    const next = { ...cursors };
    try {
      for (const client of clients.filter((each) => cursors[each] !== null)) {
        const known = new Set(verifications.value.keys());
        let goesOn: boolean;
        // The first pages are those that are there already. One without any was a long search.
        do {
          const cursor = next[client];
          const path = `verifications?${queryOf(decision, cursor)}`;
          const found = await askAndKeep<VerificationList>(client, "GET", path);
          next[client] = found.next_cursor;
          const isOld = found.verifications.length > 0 && found.verifications.every(({ id }) => known.has(id));
          goesOn = isOld && found.next_cursor !== null && found.next_cursor !== cursor;
        } while (goesOn);
      }
      setState("idle");
    } catch (error) {
      setState(wordsOf(error));
    }
    setCursors(next);
  };
  return (
    <div class="older">
      <button type="button" disabled={state === "loading"} onClick={() => void load()}>
        {state === "loading" ? "Loading…" : "Older ones"}
      </button>
      {state !== "loading" && state !== "idle" && <Notice kind="bad">{state}</Notice>}
    </div>
  );
}

function queryOf(decision: string, cursor: string | null | undefined): string {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (decision && decision !== "undecided") {
    query.set("decision", decision);
  }
  if (cursor) {
    query.set("cursor", cursor);
  }
  return query.toString();
}

/** Asks the API for a reference or an id, of every client. */
async function find(text: string): Promise<void> {
  if (!text) {
    return;
  }
  for (const client of setup.value?.clients ?? []) {
    if (/^ver_[0-9A-Za-z]{26}$/.test(text)) {
      await askAndKeep(client, "GET", `verifications/${text}`).catch((error: unknown) => {
        if (!(error instanceof RequestFailed && error.status === 404)) {
          throw error;
        }
      });
    } else {
      const query = new URLSearchParams({ reference: text, limit: "100" });
      await askAndKeep(client, "GET", `verifications?${query.toString()}`);
    }
  }
}
