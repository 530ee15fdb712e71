// `npm run build`: the package's code and types in dist/.
//
// esbuild puts the MD5 of @noble/hashes into the package, so that the worker and a page without a
// bundler load nothing else. Types are written file by file; `npm run check` is what checks them.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { build } from "esbuild";
import ts from "typescript";

const folder = import.meta.dirname;
const host = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => folder,
  getNewLine: () => "\n",
};
const { compilerOptions } = ts.readConfigFile(`${folder}/tsconfig.json`, ts.sys.readFile).config;

rmSync(`${folder}/dist`, { recursive: true, force: true });
await bundle("browser", "index", "upload/in-browser", "upload/browser", "upload/md5-worker");
await bundle("node", "upload/in-node", "upload/node");
for (const name of readdirSync(`${folder}/src`, { recursive: true })) {
  if (name.endsWith(".ts")) {
    writeTypes(name);
  }
}
const licence = "upload/LICENSE.noble-hashes";
copyFileSync(`${folder}/node_modules/@noble/hashes/LICENSE`, `${folder}/dist/${licence}`);

function bundle(platform, ...names) {
  return build({
    absWorkingDir: folder,
    bundle: true,
    charset: "utf8",
    // The worker is looked for beside the file that names it.
    chunkNames: `upload/shared-${platform}-[hash]`,
    entryPoints: names.map((name) => `src/${name}.ts`),
    format: "esm",
    logLevel: "warning",
    outbase: "src",
    outdir: "dist",
    platform,
    splitting: true,
    target: "es2022",
  });
}

function writeTypes(name) {
  const fileName = `${folder}/src/${name}`;
  const { outputText, diagnostics } = ts.transpileDeclaration(readFileSync(fileName, "utf8"), {
    compilerOptions,
    fileName,
    reportDiagnostics: true,
  });
  if (diagnostics?.length) {
    throw new Error(ts.formatDiagnostics(diagnostics, host));
  }
  const file = `${folder}/dist/${name.replace(/ts$/, "d.ts")}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, outputText);
}
