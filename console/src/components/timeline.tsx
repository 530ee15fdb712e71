import { timeOf, wholeTimeOf } from "../format";
import { type StepState, timelineOf } from "../timeline";
import type { ClientsVerification } from "../types";

const SAID: Record<StepState, string> = {
  done: "done",
  now: "in progress",
  failed: "failed",
  ahead: "not yet",
};

/** What has happened to a verification, step by step. */
export function Timeline({ verification }: { verification: ClientsVerification }) {
  return (
    <ol class="timeline">
      {timelineOf(verification).map((step) => (
        <li key={step.key} class={`step ${step.state}`}>
          <span class="step-mark" aria-hidden="true" />
          <div>
            <div class="step-title">
              {step.title}
              <span class="visually-hidden"> ({SAID[step.state]})</span>
            </div>
            {step.detail && <div class="step-detail">{step.detail}</div>}
          </div>
          {step.at && (
            <time dateTime={step.at} title={wholeTimeOf(step.at)}>
              {timeOf(step.at)}
            </time>
          )}
        </li>
      ))}
    </ol>
  );
}
