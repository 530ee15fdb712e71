// `npm run build`: the package's code and types in dist/.
//
// esbuild puts the MD5 of @noble/hashes into the package, so that the worker and a page without a
// bundler load nothing else. The compiler writes the types.
import { execFileSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { build } from "esbuild";

const folder = import.meta.dirname;
const common = {
  absWorkingDir: folder,
  bundle: true,
  charset: "utf8",
  format: "esm",
  legalComments: "inline",
  logLevel: "warning",
  outbase: "src",
  outdir: "dist",
  splitting: true,
  target: ["es2022"],
};

rmSync(`${folder}/dist`, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: ["index", "upload/in-browser", "upload/browser", "upload/md5-worker"].map(source),
  platform: "browser",
  chunkNames: "upload/shared-[hash]",
});
await build({
  ...common,
  entryPoints: ["upload/in-node", "upload/node"].map(source),
  platform: "node",
  chunkNames: "upload/shared-node-[hash]",
});
copyFileSync(
  `${folder}/node_modules/@noble/hashes/LICENSE`,
  `${folder}/dist/upload/LICENSE.noble-hashes`,
);
execFileSync(
  process.execPath,
  [`${folder}/node_modules/typescript/bin/tsc`, "-p", `${folder}/tsconfig.types.json`],
  { stdio: "inherit" },
);

function source(name) {
  return `src/${name}.ts`;
}
