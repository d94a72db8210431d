// Builds what the portal serves into portal/static/built: style sheets for both directions, scripts, icons, fonts,
// and manifest.json (plain name → hashed name), so that browsers may keep every file for ever.
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, "node_modules");
const target = path.join(here, "..", "static", "built");
const manifest = {};

async function write(name, content) {
  const { base, ext, name: stem } = { base: name, ...path.parse(name) };
  const hashed = `${stem}-${createHash("sha256").update(content).digest("hex").slice(0, 10)}${ext}`;
  await writeFile(path.join(target, hashed), content);
  manifest[base] = hashed;
}

async function bundle(entry, options = {}) {
  const result = await esbuild.build({
    entryPoints: [entry],
    absWorkingDir: here,
    bundle: true,
    minify: true,
    write: false,
    outdir: target,
    loader: { ".woff2": "file", ".woff": "empty", ".png": "dataurl" },
    assetNames: "[name]-[hash]",
    legalComments: "eof",
    target: ["chrome100", "firefox102", "safari15"],
    logLevel: "warning",
    ...options,
  });
  const main = result.outputFiles.find((file) => /\.(css|js)$/.test(file.path));
  for (const file of result.outputFiles.filter((one) => one !== main)) await writeFile(file.path, file.contents);
  return main.text;
}

async function frame(direction) {
  const file = path.join(modules, "@tabler/core/dist/css", direction === "rtl" ? "tabler.rtl.min.css" : "tabler.min.css");
  const [purged] = await new PurgeCSS().purge({
    content: [path.join(here, "../templates/**/*.html"), path.join(here, "src/*.js"), path.join(here, "../**/*.py")],
    css: [{ raw: await readFile(file, "utf8") }],
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  return purged.css;
}

async function icons() {
  const names = JSON.parse(await readFile(path.join(here, "icons.json"), "utf8"));
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(path.join(modules, "@tabler/icons/icons/outline", `${name}.svg`), "utf8");
      const body = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
      const drawn = body.replace(/<path stroke="none"[^>]*\/>/, "").replace(/\s+/g, " ").trim();
      return `<symbol id="${name}" viewBox="0 0 24 24">${drawn}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const own = await bundle("src/app.css");
for (const direction of ["rtl", "ltr"]) {
  const { code } = await esbuild.transform((await frame(direction)) + own, { loader: "css", minify: true });
  await write(`app.${direction}.css`, code);
}
await write("nastaliq.css", await bundle("src/nastaliq.css"));
await write("map.css", await bundle("leaflet/dist/leaflet.css"));
await write("app.js", await bundle("src/app.js", { format: "esm" }));
await write("live.js", await bundle("src/live.js", { format: "esm" }));
await write("till.js", await bundle("src/till.js", { format: "esm" }));
await write("icons.svg", await icons());
await writeFile(path.join(target, "manifest.json"), JSON.stringify(manifest, null, 1));
