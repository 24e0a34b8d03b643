import { defineConfig } from "vite";

// The program serves a strict Content-Security-Policy: nothing inline, nothing from elsewhere.
export default defineConfig({
  build: { outDir: "dist", assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: "es2022", reportCompressedSize: false },
  esbuild: { jsx: "automatic" },
});
