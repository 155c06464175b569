import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Lays a compressed twin beside every text file, so that no server compresses anything twice. */
function compressed(): Plugin {
  let folder = "";
  return {
    name: "compressed",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    writeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg|webmanifest)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const content = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(content));
      }
    },
  };
}

const api = process.env.FOLIOLENS_API ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [compressed()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // Few chunks compress better than many: what every page needs, and what a portfolio's pages share.
        codeSplitting: {
          groups: [
            {
              name: "portfolio",
              test: /src\/(pages\/(portfolio|rebalance|shared|compare)|charts\/(bars|donut|treemap|scatter|lines))/,
            },
            {
              name: "common",
              priority: 1,
              test: /src\/(api|app\/(?!app\.tsx)|ui|charts\/(geometry|paths|score))|node_modules\/(preact|@preact)|preload-helper/,
            },
          ],
        },
      },
    },
  },
  // `npm run dev`: the app from source, the API from a running server.
  server: {
    proxy: Object.fromEntries(["/v1", "/objects", "/docs", "/openapi.json"].map((path) => [path, api])),
  },
});
