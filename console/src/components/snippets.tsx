import { useId, useState } from "preact/hooks";
import { LANGUAGES, type Language, snippetOf } from "../snippets";
import { setup } from "../state";
import type { CreateVerification } from "../types";
import { CopyButton } from "./copy";

/** The request in three languages, one at a time. */
export function Snippets({ body }: { body: CreateVerification }) {
  const [language, setLanguage] = useState<Language>("curl");
  const id = useId();
  const text = snippetOf(language, setup.value?.api ?? "", body);
  return (
    <div class="snippets">
      <div class="snippets-head">
        <fieldset class="segmented">
          <legend class="visually-hidden">Language</legend>
          {LANGUAGES.map((each) => (
            <label key={each}>
              <input
                type="radio"
                name={`language-${id}`}
                checked={each === language}
                onChange={() => setLanguage(each)}
              />
              <span>{each}</span>
            </label>
          ))}
        </fieldset>
        <CopyButton text={text} />
      </div>
      <pre tabIndex={0} role="region" aria-label={`The request as ${language}`}>
        <code>{text}</code>
      </pre>
    </div>
  );
}
