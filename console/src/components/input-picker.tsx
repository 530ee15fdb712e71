import { useEffect, useRef, useState } from "preact/hooks";
import { bytesOf, words } from "../format";
import { asJpeg } from "../pictures";
import { ask, wordsOf } from "../server";
import type { InputRules } from "../types";
import { Camera } from "./camera";

/** Long enough for every check's limits. */
const SMALLER_SIDE = 2000;

/** Where a file for an input is dropped, picked, taken with the camera, or a sample is. */
export function InputPicker(properties: {
  check: string;
  input: string;
  rules: InputRules;
  file: Blob | undefined;
  trouble: string | undefined;
  hasSample: boolean;
  onFile: (file: Blob) => void;
}) {
  const { check, input, rules, file, trouble, hasSample, onFile } = properties;
  const [isOver, setIsOver] = useState(false);
  const [camera, setCamera] = useState(false);
  const [own, setOwn] = useState("");
  const kind = rules.content_types[0]?.split("/")[0];
  // Counts what was asked for: a file that comes after another one was, is no longer wanted.
  const asked = useRef(0);
  useEffect(() => () => void asked.current++, []);
  const take = (next: Blob | undefined) => {
    if (next) {
      asked.current++;
      setOwn("");
      onFile(next);
    }
  };
  const takeLater = async (coming: Promise<Blob>) => {
    const own = ++asked.current;
    try {
      const next = await coming;
      if (own === asked.current) {
        take(next);
      }
    } catch (error) {
      if (own === asked.current) {
        setOwn(wordsOf(error));
      }
    }
  };
  const sample = async () => (await ask(`local/samples/${check}/${input}`)).blob();
  const said = own || trouble;
  return (
    <section
      id={`input-${input}`}
      class={`picker ${isOver ? "is-over" : ""} ${said ? "has-trouble" : ""}`}
      aria-label={words(input)}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        take(event.dataTransfer?.files[0]);
      }}
    >
      <h2>{words(input)}</h2>
      <p class="muted">
        {rules.content_types.map((type) => type.replace(/^.*\//, "")).join(", ")}, at most{" "}
        {bytesOf(rules.max_bytes)}
      </p>
      {file ? <Preview file={file} kind={kind} /> : <p class="picker-hint">Drop a file here</p>}
      <div class="actions">
        <label class="button">
          <input
            type="file"
            class="visually-hidden"
            aria-describedby={said ? `trouble-${input}` : undefined}
            accept={rules.content_types.includes("application/octet-stream") ? undefined : rules.content_types.join(",")}
            onChange={(event) => take(event.currentTarget.files?.[0])}
          />
          Choose a file<span class="visually-hidden"> for {words(input)}</span>
        </label>
        {(kind === "image" || kind === "video") && (
          <button type="button" onClick={() => setCamera(true)}>
            {kind === "image" ? "Take a photo" : "Record a film"}
          </button>
        )}
        {hasSample && (
          <button type="button" onClick={() => void takeLater(sample())}>
            Use a sample
          </button>
        )}
        {file && kind === "image" && said && (
          <button type="button" onClick={() => void takeLater(asJpeg(file, SMALLER_SIDE))}>
            Make it a JPEG of {SMALLER_SIDE} pixels
          </button>
        )}
      </div>
      <p id={`trouble-${input}`} class="picker-trouble" role="alert">
        {said}
      </p>
      {camera && (
        <Camera
          kind={kind === "image" ? "photo" : "film"}
          onTaken={take}
          onClose={() => setCamera(false)}
        />
      )}
    </section>
  );
}

function Preview({ file, kind }: { file: Blob; kind: string | undefined }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  const name = file instanceof File ? file.name : "";
  return (
    <figure class="preview">
      {url && kind === "image" && <img src={url} alt="" />}
      {url && kind === "video" && <video src={url} muted controls aria-label="The chosen film" />}
      <figcaption>
        {name && <bdi>{name} · </bdi>}
        {bytesOf(file.size)}
        {file.type && ` · ${file.type}`}
      </figcaption>
    </figure>
  );
}
