import { useState } from "preact/hooks";
import { Notice } from "../components/notice";
import { timeOf } from "../format";
import { billOf } from "../ledger";
import { askJson, wordsOf } from "../server";
import { calls, setup } from "../state";
import type { LocalSetup } from "../types";

const SHOWN = 100;

/** The emulated vendor: its faults, its ledger, and what it would bill. */
export function LedgerPage() {
  const local = setup.value?.local;
  if (!local) {
    return (
      <div class="page">
        <h1>Vendor</h1>
        <p class="empty">Only a local cloud has an emulated vendor.</p>
      </div>
    );
  }
  return (
    <div class="page">
      <h1>Vendor</h1>
      <Faults local={local} />
      <Bills local={local} />
      <Ledger />
    </div>
  );
}

function Faults({ local }: { local: LocalSetup }) {
  const actions = Object.keys(local.scenarios);
  const [action, setAction] = useState(local.paid_actions[0] ?? actions[0] ?? "");
  const [said, setSaid] = useState<{ kind: "good" | "bad"; text: string }>();
  const tell = async (work: () => Promise<unknown>, done: string) => {
    try {
      await work();
      setSaid({ kind: "good", text: done });
    } catch (error) {
      setSaid({ kind: "bad", text: wordsOf(error) });
    }
  };
  return (
    <form
      class="card"
      aria-labelledby="faults-title"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        const fault = String(data.get("fault"));
        const times = Number(data.get("times"));
        void tell(
          () => askJson("POST", "local/faults", { action, fault, times }),
          `The next ${times === 1 ? "call" : `${times} calls`} of ${action} will meet: ${fault}.`,
        );
      }}
    >
      <h2 id="faults-title">Faults of the next calls</h2>
      <div class="fields">
        <label class="field">
          <span>Action</span>
          <select value={action} onChange={(event) => setAction(event.currentTarget.value)}>
            {actions.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>Fault or outcome</span>
          <select name="fault">
            <optgroup label="Faults">
              {Object.entries(local.faults).map(([name, about]) => (
                <option key={name} value={name}>
                  {name}: {about}
                </option>
              ))}
            </optgroup>
            <optgroup label="Outcomes">
              {Object.entries(local.scenarios[action] ?? {}).map(([name, about]) => (
                <option key={name} value={name}>
                  {name}: {about}
                </option>
              ))}
            </optgroup>
          </select>
        </label>
        <label class="field field-narrow">
          <span>Calls</span>
          <input name="times" type="number" min={1} max={1000} defaultValue="1" required />
        </label>
      </div>
      <div class="actions">
        <button type="submit" class="primary">
          Queue the fault
        </button>
        <button
          type="button"
          onClick={() =>
            void tell(() => askJson("POST", "local/clear", {}), "Faults, ledger and stored files are gone.")
          }
        >
          Reset the emulator
        </button>
      </div>
      {said && <Notice kind={said.kind}>{said.text}</Notice>}
    </form>
  );
}

function Bills({ local }: { local: LocalSetup }) {
  const [prices, setPrices] = useState<Record<string, number>>(local.prices);
  const bills = billOf(calls.value, local.paid_actions, prices);
  const total = bills.reduce((sum, { amount }) => sum + (amount ?? 0), 0);
  return (
    <section class="card" aria-labelledby="bill-title">
      <h2 id="bill-title">What the vendor would bill</h2>
      {bills.length === 0 ? (
        <p class="muted">No call yet.</p>
      ) : (
        <>
          <ul class="bills">
            {bills.map((bill) => (
              <li key={bill.action}>
                <strong class="mono">{bill.action}</strong>
                <span>
                  {bill.billed} billed of {bill.calls} calls
                  {bill.unknown > 0 && `, ${bill.unknown} unknown`}
                </span>
                <label>
                  <span class="muted">price of a call</span>{" "}
                  <input
                    class="price"
                    inputMode="decimal"
                    defaultValue={prices[bill.action]?.toString() ?? ""}
                    onChange={(event) => {
                      const { [bill.action]: _, ...others } = prices;
                      const price = Number(event.currentTarget.value);
                      const isPrice = event.currentTarget.value.trim() !== "" && price >= 0;
                      setPrices(isPrice ? { ...others, [bill.action]: price } : others);
                    }}
                  />
                </label>
                <output>{bill.amount === undefined ? "no price" : bill.amount.toFixed(4)}</output>
              </li>
            ))}
          </ul>
          <p>
            Together <strong>{total.toFixed(4)}</strong>{" "}
            <span class="muted">
              in the currency of your contract: the vendor's pages name no price, so enter yours.
            </span>
          </p>
        </>
      )}
    </section>
  );
}

function Ledger() {
  const newest = [...calls.value].reverse().slice(0, SHOWN);
  return (
    <section aria-labelledby="ledger-title">
      <h2 id="ledger-title">Ledger</h2>
      {newest.length === 0 ? (
        <p class="empty">No call yet.</p>
      ) : (
        <div class="table" tabIndex={0} role="region" aria-label="Entries of the ledger">
          <table>
            <thead>
              <tr>
                <th scope="col">Billed</th>
                <th scope="col">Action</th>
                <th scope="col">Code</th>
                <th scope="col">Scenario</th>
                <th scope="col">Fault</th>
                <th scope="col">ms</th>
                <th scope="col">At</th>
              </tr>
            </thead>
            <tbody>
              {newest.map((call) => (
                <tr key={`${call.request_id} ${call.at}`}>
                  <td>
                    <span class={`billed ${call.billed}`}>{call.billed}</span>
                  </td>
                  <td class="mono">{call.action}</td>
                  <td class="mono">{call.code ?? "no whole answer"}</td>
                  <td>{call.scenario}</td>
                  <td>{call.fault}</td>
                  <td class="number">{call.latency_ms}</td>
                  <td class="number">
                    <time dateTime={call.at}>{timeOf(call.at)}</time>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
