import { defineConfig } from 'vite';

/** The window as static files, which both hosts serve. Nothing is inlined: the content security policy forbids it. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome120',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
