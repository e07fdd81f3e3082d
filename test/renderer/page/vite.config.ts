import { defineConfig } from 'vite';

/** The window over the made-up application. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: { target: 'chrome120', assetsInlineLimit: 0 },
});
