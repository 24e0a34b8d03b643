import { defineConfig } from "vite";

// The program serves a strict Content-Security-Policy: nothing inline, nothing from elsewhere.
export default defineConfig({
  build: {
    outDir: "dist", assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: "es2022", reportCompressedSize: false,
    // Libraries say "use client" for servers that render; here nothing is rendered but in the browser.
    rollupOptions: { onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning) },
  },
  esbuild: { jsx: "automatic" },
});
