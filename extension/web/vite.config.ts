/** The reviewer's application as a web page: the same source as the extension's, on a `browser` made of web APIs. */
import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

// Whatever the shell says: under another NODE_ENV, as vitest's, the build would be the development one, with the name of
// every source file in it.
process.env.NODE_ENV = 'production';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  // Relative, so that it works under whatever path a front serves it.
  base: './',
  publicDir: here('../public'),
  plugins: [preact()],
  resolve: {
    alias: { 'wxt/browser': here('browser/index.ts'), '@wxt-dev/browser': here('browser/index.ts') },
  },
  build: {
    outDir: here('../.output/web'),
    emptyOutDir: true,
    // A manifest in a data: address could not name its icons.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { main: here('index.html'), sw: here('sw.ts') },
      output: {
        // A service worker rules over the folder it lies in, and keeps its address.
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
