import { defineConfig, type Plugin } from "vite";

/** What main.ts begins one by one is named in the page, so that it is fetched at once, after what the first paint needs. */
const NAMED = ["react", "tanstack", "app"];
const namesParts: Plugin = {
  name: "names-parts",
  transformIndexHtml: {
    order: "post",
    handler: (_, { bundle }) =>
      Object.values(bundle ?? {}).flatMap((file) =>
        file.type === "chunk" && !file.isEntry && NAMED.includes(file.name) ? [{ tag: "link", attrs: { rel: "modulepreload", crossorigin: true, fetchpriority: "low", href: `/${file.fileName}` }, injectTo: "head" as const }] : [],
      ),
  },
};

const partOf = (id: string): string | undefined => {
  if (/node_modules\/(react|react-dom|scheduler)\//.test(id) || id.endsWith("src/parts/react.ts")) return "react";
  if (/node_modules\/@tanstack\//.test(id) || id.endsWith("src/parts/tanstack.ts")) return "tanstack";
  return undefined;
};

// The program serves a strict Content-Security-Policy: nothing inline, nothing from elsewhere.
export default defineConfig({
  plugins: [namesParts],
  build: {
    outDir: "dist", assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: "es2022", reportCompressedSize: false,
    // React is CommonJS. Wrapped in functions, which is the default, it would be parsed a second time when it is begun, and that on the thread that answers.
    commonjsOptions: { include: [/node_modules/], strictRequires: "auto" },
    rollupOptions: {
      output: { manualChunks: partOf },
      // Libraries say "use client" for servers that render; here nothing is rendered but in the browser.
      onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning),
    },
  },
  esbuild: { jsx: "automatic" },
});
