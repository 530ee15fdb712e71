import { useRef, useState } from "preact/hooks";
import { InputPicker } from "../components/input-picker";
import { Notice } from "../components/notice";
import { Snippets } from "../components/snippets";
import { words } from "../format";
import { refusalOf } from "../refusals";
import { addressOf } from "../router";
import { askApi, wordsOf } from "../server";
import { setup } from "../state";
import type { CheckRules, Created, CreateVerification, Setup } from "../types";
import { declare, type Outgoing, send } from "../uploads";

/** The input whose last line chooses the emulator's answer. */
const CHOOSES: Record<string, string> = {
  reflect: "live_data",
  video: "video",
  photo: "image",
  silent: "video",
};

/** Asks for a verification and sends its files. */
export function NewPage() {
  const about = setup.value;
  return about && <Form about={about} />;
}

function Form({ about }: { about: Setup }) {
  const [check, setCheck] = useState("photo");
  const [files, setFiles] = useState<Record<string, Blob>>({});
  const [scenario, setScenario] = useState("");
  const [isCorrupt, setIsCorrupt] = useState(false);
  const [fields, setFields] = useState<Fields>({ metadata: [] });
  const [troubles, setTroubles] = useState<Record<string, string>>({});
  const [state, setState] = useState<{ busy: string } | { trouble: string } | undefined>();
  const [client, setClient] = useState(about.clients[0] ?? "");
  const form = useRef<HTMLFormElement>(null);
  // One key for one filled-in form: a second click, or a lost answer, makes no second verification.
  const key = useRef(crypto.randomUUID());
  const rules = about.checks[check];
  if (!rules) {
    return null;
  }

  const changed = () => {
    key.current = crypto.randomUUID();
  };
  const submit = async () => {
    const missing = Object.keys(rules.inputs).filter((input) => !files[input]);
    setTroubles(Object.fromEntries(missing.map((input) => [input, "Choose a file."])));
    if (missing[0]) {
      form.current?.querySelector<HTMLElement>(`#input-${missing[0]} input`)?.focus();
      return;
    }
    setState({ busy: "Computing the MD5 of the files…" });
    const outgoing: Record<string, Outgoing> = {};
    const inputs: CreateVerification["inputs"] = {};
    for (const [input, inputRules] of Object.entries(rules.inputs)) {
      const chosen = files[input] as Blob;
      const file = input === CHOOSES[check] ? marked(chosen, scenario) : chosen;
      try {
        inputs[input] = await declare(file, inputRules, ({ loaded, total }) =>
          setState({ busy: `MD5 of ${words(input)}: ${Math.round((100 * loaded) / total)} %` }),
        );
      } catch (error) {
        const { title, detail } = refusalOf(error);
        setTroubles({ [input]: `${title}: ${detail}` });
        setState(undefined);
        return;
      }
      outgoing[input] = { file, corrupt: isCorrupt && input === CHOOSES[check] };
    }
    setState({ busy: "Asking the API…" });
    try {
      const created = await askApi<Created>(
        client,
        "POST",
        "verifications",
        bodyOf(check, inputs, fields),
        { "Idempotency-Key": key.current },
      );
      void send(client, created, outgoing);
      location.hash = addressOf(created.id);
    } catch (error) {
      setState({ trouble: wordsOf(error) });
    }
  };

  return (
    <form
      ref={form}
      class="page new"
      noValidate
      onChange={changed}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h1>New verification</h1>
      <fieldset class="checks">
        <legend>Check</legend>
        {Object.entries(about.checks).map(([name, each]) => (
          <label key={name} class="check">
            <input
              type="radio"
              name="check"
              value={name}
              checked={name === check}
              onChange={() => {
                setCheck(name);
                setFiles({});
                setScenario("");
                setTroubles({});
              }}
            />
            <span class="check-text">
              <strong>{name}</strong>
              <span class="muted">{each.question}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="inputs">
        {Object.entries(rules.inputs).map(([input, inputRules]) => (
          <InputPicker
            key={`${check}-${input}`}
            check={check}
            input={input}
            rules={inputRules}
            file={files[input]}
            trouble={troubles[input]}
            hasSample={about.local !== null}
            onFile={(file) => {
              changed();
              setFiles((before) => ({ ...before, [input]: file }));
              setTroubles((before) => ({ ...before, [input]: "" }));
            }}
          />
        ))}
      </div>
      {about.local && (
        <fieldset class="card">
          <legend>What the emulated vendor and bucket do</legend>
          <Scenarios
            about={about}
            rules={rules}
            value={scenario}
            onChange={(name) => setScenario(name)}
          />
          <label class="tick">
            <input
              type="checkbox"
              checked={isCorrupt}
              onChange={(event) => setIsCorrupt(event.currentTarget.checked)}
            />
            <span>Send other bytes than the declared ones, to see the bucket refuse them</span>
          </label>
        </fieldset>
      )}
      <MoreFields
        check={check}
        about={about}
        client={client}
        onClient={setClient}
        fields={fields}
        onFields={(next) => {
          changed();
          setFields(next);
        }}
      />
      {state && "trouble" in state && <Notice kind="bad">{state.trouble}</Notice>}
      <div class="actions">
        <button type="submit" class="primary" disabled={state !== undefined && "busy" in state}>
          Ask and upload
        </button>
        <span role="status" class="muted">
          {state && "busy" in state ? state.busy : ""}
        </span>
      </div>
      <details class="request">
        <summary>The request as curl, Python, TypeScript</summary>
        <p class="muted">MD5 and size of each file are computed when you ask.</p>
        <Snippets body={bodyOf(check, placeholders(rules, files), fields)} />
      </details>
    </form>
  );
}

interface Fields {
  reference?: string;
  consent?: string;
  threshold?: string;
  expiresIn?: string;
  challengeType?: string;
  challengeData?: string;
  metadata: [string, string][];
}

function MoreFields(properties: {
  check: string;
  about: Setup;
  client: string;
  onClient: (client: string) => void;
  fields: Fields;
  onFields: (fields: Fields) => void;
}) {
  const { check, about, client, onClient, fields, onFields } = properties;
  const set = (changes: Partial<Fields>) => onFields({ ...fields, ...changes });
  const rules = about.checks[check];
  return (
    <div class="fields">
      <Field label="Reference" hint="your own id, no personal data">
        <input
          name="reference"
          maxLength={200}
          value={fields.reference ?? ""}
          onInput={(event) => set({ reference: event.currentTarget.value })}
        />
      </Field>
      {about.clients.length > 1 && (
        <Field label="Client" hint="whose key asks">
          <select value={client} onChange={(event) => onClient(event.currentTarget.value)}>
            {about.clients.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </Field>
      )}
      {check === "video" && (
        <>
          <Field label="Challenge" hint="what the person has to do">
            <select
              value={fields.challengeType ?? ""}
              onChange={(event) => set({ challengeType: event.currentTarget.value })}
            >
              <option value="">none</option>
              <option value="lip">lip: say four digits</option>
              <option value="action">action: move</option>
            </select>
          </Field>
          {fields.challengeType && (
            <Field
              label="Challenge data"
              hint={fields.challengeType === "lip" ? "four digits" : "1 to 4, such as 2,1"}
            >
              <input
                value={fields.challengeData ?? ""}
                onInput={(event) => set({ challengeData: event.currentTarget.value })}
              />
            </Field>
          )}
        </>
      )}
      <details class="more">
        <summary>Metadata, consent, threshold, expiry</summary>
        <div class="fields">
          <Field label="Consent reference" hint="where you keep the proof">
            <input
              maxLength={200}
              value={fields.consent ?? ""}
              onInput={(event) => set({ consent: event.currentTarget.value })}
            />
          </Field>
          <Field label="Threshold" hint={`default ${rules?.threshold ?? ""}`}>
            <input
              inputMode="decimal"
              value={fields.threshold ?? ""}
              onInput={(event) => set({ threshold: event.currentTarget.value })}
            />
          </Field>
          <Field label="Expires in" hint="seconds, 30 to 86400">
            <input
              inputMode="numeric"
              value={fields.expiresIn ?? ""}
              onInput={(event) => set({ expiresIn: event.currentTarget.value })}
            />
          </Field>
        </div>
        <Metadata pairs={fields.metadata} onPairs={(metadata) => set({ metadata })} />
      </details>
    </div>
  );
}

function Metadata(properties: {
  pairs: [string, string][];
  onPairs: (pairs: [string, string][]) => void;
}) {
  const { pairs, onPairs } = properties;
  const change = (index: number, pair: [string, string]) =>
    onPairs(pairs.map((before, at) => (at === index ? pair : before)));
  return (
    <fieldset class="metadata">
      <legend>Metadata</legend>
      {pairs.map(([name, value], index) => (
        <div key={index} class="metadata-pair">
          <input
            aria-label={`Name ${index + 1}`}
            placeholder="name"
            value={name}
            onInput={(event) => change(index, [event.currentTarget.value, value])}
          />
          <input
            aria-label={`Value ${index + 1}`}
            placeholder="value"
            value={value}
            onInput={(event) => change(index, [name, event.currentTarget.value])}
          />
          <button
            type="button"
            class="quiet"
            aria-label={`Remove ${name || index + 1}`}
            onClick={() => onPairs(pairs.filter((_, at) => at !== index))}
          >
            ✕
          </button>
        </div>
      ))}
      <button type="button" onClick={() => onPairs([...pairs, ["", ""]])}>
        Add a pair
      </button>
    </fieldset>
  );
}

function Field(properties: { label: string; hint?: string; children: preact.ComponentChildren }) {
  const { label, hint, children } = properties;
  return (
    <label class="field">
      <span>
        {label} {hint && <span class="muted">{hint}</span>}
      </span>
      {children}
    </label>
  );
}

function Scenarios(properties: {
  about: Setup;
  rules: CheckRules;
  value: string;
  onChange: (name: string) => void;
}) {
  const { about, rules, value, onChange } = properties;
  const actions = about.local?.scenarios ?? {};
  // Of the first API: the one that answers unless a parameter of the deployment names another.
  const scenarios = actions[rules.apis[0] ?? ""] ?? {};
  const meaning = scenarios[value] ?? about.local?.faults[value];
  return (
    <label class="field">
      <span>Scenario</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">as the file says; passes without a line in it</option>
        <optgroup label="Outcomes">
          {Object.entries(scenarios).map(([name, about]) => (
            <option key={name} value={name}>
              {name}: {about}
            </option>
          ))}
        </optgroup>
        <optgroup label="Faults">
          {Object.entries(about.local?.faults ?? {}).map(([name, about]) => (
            <option key={name} value={name}>
              {name}: {about}
            </option>
          ))}
        </optgroup>
      </select>
      <span class="muted" role="status">
        {meaning ? `The emulated vendor will answer: ${meaning}.` : ""}
      </span>
    </label>
  );
}

/** The file with the line that chooses the emulator's answer, where readers of files do not look. */
function marked(file: Blob, scenario: string): Blob {
  return scenario
    ? new Blob([file, `\nliveproof-scenario: ${scenario}\n`], { type: file.type })
    : file;
}

function bodyOf(
  check: string,
  inputs: CreateVerification["inputs"],
  fields: Fields,
): CreateVerification {
  const metadata = fields.metadata.filter(([name]) => name);
  const body = {
    check,
    inputs,
    ...(fields.reference && { reference: fields.reference }),
    ...(metadata.length > 0 && { metadata: Object.fromEntries(metadata) }),
    ...(fields.consent && { consent_reference: fields.consent }),
    ...(fields.threshold && { threshold: numberOr(fields.threshold) }),
    ...(fields.expiresIn && { expires_in: numberOr(fields.expiresIn) }),
    ...(check === "video" &&
      fields.challengeType && {
        challenge: { type: fields.challengeType, data: fields.challengeData ?? "" },
      }),
  };
  return body as CreateVerification;
}

/** What is no number goes to the API as it is: its answer names the field and the limit. */
function numberOr(text: string): number | string {
  return text.trim() && Number.isFinite(Number(text)) ? Number(text) : text;
}

function placeholders(
  rules: CheckRules,
  files: Record<string, Blob>,
): CreateVerification["inputs"] {
  return Object.fromEntries(
    Object.entries(rules.inputs).map(([input, { content_types }]) => [
      input,
      {
        md5: "0".repeat(32),
        size: files[input]?.size ?? 1,
        content_type: files[input]?.type || (content_types[0] ?? ""),
      },
    ]),
  );
}
