// Builds what the portal serves into portal/static/built: style sheets for both directions, scripts, icons, fonts,
// and manifest.json (plain name → hashed name), so that browsers may keep every file for ever.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
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

// The app of pilgrims: its files, the portal's sentences that it says, and a worker that knows them all by name.
async function pilgrimsApp() {
  const fonts = (await readdir(target)).filter((name) => /^vazirmatn-.*woff2$/.test(name));
  await write("m.css", await bundle("src/m/app.css"));
  const app = await bundle("src/m/main.tsx", { format: "esm", jsx: "automatic", jsxImportSource: "preact" });
  await write("m.js", app);
  const said = await sentencesOfApp();
  for (const language of ["fa", "ar", "ur"]) {
    const known = await catalogue(language);
    await write(`m.${language}.json`, JSON.stringify(Object.fromEntries(said.filter((one) => known[one]).map((one) => [one, known[one]]))));
  }
  const names = ["m.css", "m.js", "m.fa.json", "m.ar.json", "m.ur.json", "icons.svg"].map((name) => manifest[name]);
  const files = [...names, ...fonts].map((name) => `/static/built/${name}`);
  const version = createHash("sha256").update(files.join()).digest("hex").slice(0, 10);
  const worker = { FILES: JSON.stringify(files), VERSION: JSON.stringify(version) };
  await write("sw.js", await bundle("src/m/sw.ts", { format: "iife", define: worker }));
}

async function sentencesOfApp() {
  const folder = path.join(here, "src/m");
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\.tsx?$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), "utf8")));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/\bt\(\s*"([^"]+)"/g)].map((found) => found[1])))];
}

async function catalogue(language) {
  const text = await readFile(path.join(here, `../translations/${language}/LC_MESSAGES/messages.po`), "utf8");
  const joined = text.replace(/"\n"/g, "");
  return Object.fromEntries([...joined.matchAll(/^msgid (".*")\nmsgstr (".*")$/gm)].map(([, id, said]) => [JSON.parse(id), JSON.parse(said)]));
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
await write("counter.js", await bundle("src/counter.js", { format: "esm" }));
await write("goods.js", await bundle("src/goods.js", { format: "esm" }));
await write("live.js", await bundle("src/live.js", { format: "esm" }));
await write("places.js", await bundle("src/places.js", { format: "esm" }));
await write("till.js", await bundle("src/till.js", { format: "esm" }));
await write("icons.svg", await icons());
await pilgrimsApp();
await writeFile(path.join(target, "manifest.json"), JSON.stringify(manifest, null, 1));
