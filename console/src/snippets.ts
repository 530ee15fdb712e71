/** The request of a verification as curl, Python and TypeScript, to copy. The key is never in it. */

import type { CreateVerification } from "./types";

/** The languages, in the order in which they are offered. */
export const LANGUAGES = ["curl", "Python", "TypeScript"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The request in a language. Texts of people are quoted as the language asks. */
export function snippetOf(language: Language, api: string, body: CreateVerification): string {
  switch (language) {
    case "curl":
      return [
        `curl --fail-with-body ${shellQuoted(`${api}/v1/verifications`)} \\`,
        `  --header "Authorization: Bearer $LIVEPROOF_API_KEY" \\`,
        `  --header "Content-Type: application/json" \\`,
        `  --data-raw ${shellQuoted(JSON.stringify(body, null, 2))}`,
      ].join("\n");
    case "Python":
      return [
        "import os",
        "",
        "from liveproof_client import Liveproof",
        "",
        `with Liveproof(${JSON.stringify(api)}, os.environ["LIVEPROOF_API_KEY"]) as liveproof:`,
        `    created = liveproof.create(${pythonOf(body, 1)})`,
        "print(created)",
      ].join("\n");
    case "TypeScript":
      return [
        'import { Liveproof } from "@liveproof/client";',
        "",
        "const liveproof = new Liveproof({",
        `  url: ${JSON.stringify(api)},`,
        '  apiKey: process.env.LIVEPROOF_API_KEY ?? "",',
        "});",
        `const created = await liveproof.create(${JSON.stringify(body, null, 2)});`,
        "console.log(created);",
      ].join("\n");
  }
}

/** A word of a POSIX shell. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A value of JSON as Python writes it. */
function pythonOf(value: unknown, depth: number): string {
  if (value === null || value === undefined) {
    return "None";
  }
  if (typeof value === "boolean") {
    return value ? "True" : "False";
  }
  if (typeof value !== "object") {
    return JSON.stringify(value);
  }
  const inner = "    ".repeat(depth + 1);
  const lines = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => `${inner}${JSON.stringify(name)}: ${pythonOf(item, depth + 1)},\n`);
  return lines.length ? `{\n${lines.join("")}${"    ".repeat(depth)}}` : "{}";
}
