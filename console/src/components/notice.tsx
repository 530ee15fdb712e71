import type { ComponentChildren } from "preact";

/** A message that stays. */
export function Notice(properties: {
  kind: "bad" | "warn" | "good" | "info";
  title?: string;
  children: ComponentChildren;
}) {
  const { kind, title, children } = properties;
  return (
    <div class={`notice ${kind}`} role={kind === "bad" ? "alert" : "status"}>
      {title && <strong>{title}</strong>}
      <div>{children}</div>
    </div>
  );
}
