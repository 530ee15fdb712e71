// `npm test`: bundles the tests, since this Node.js may not read TypeScript, and runs them.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";

const folder = import.meta.dirname;
const outdir = `${folder}/../.tests`;
const tests = readdirSync(folder).filter((name) => name.endsWith(".test.ts"));

rmSync(outdir, { recursive: true, force: true });
await build({
  bundle: true,
  entryPoints: tests.map((name) => `${folder}/${name}`),
  format: "esm",
  logLevel: "warning",
  outdir,
  outExtension: { ".js": ".mjs" },
  packages: "external",
  platform: "node",
  sourcemap: "inline",
  target: "node20",
});
const files = tests.map((name) => `${outdir}/${name.replace(/ts$/, "mjs")}`);
const { status } = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test", "--test-reporter=dot", ...files],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;
