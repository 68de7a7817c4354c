/** The reviewer's application as a web page, beside the API that it calls. */

import type { Env } from '@countersign/shared/http';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const own = ["'self'"];

/**
 * Serves a built web page under `/app/`, and leads there from the root, where pairing links point. The page may run its
 * own scripts and call its own server; nobody may show it in a frame, where clicks could be stolen.
 */
export function serveWebPage(app: Hono<Env>, dir: string): void {
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: own,
      styleSrc: own,
      imgSrc: own,
      connectSrc: own,
      manifestSrc: own,
      workerSrc: own,
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    // A front that speaks TLS says so for its own domain; `npm start` is plain http on this machine.
    strictTransportSecurity: false,
  });
  const files = serveStatic<Env>({
    root: dir,
    rewriteRequestPath: (path) => path.slice('/app'.length),
    onFound: (_path, c) => {
      // Built files carry the hash of what is in them; the page that names them is asked for anew each time.
      const named = c.req.path.startsWith('/app/assets/');
      c.header('Cache-Control', named ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.get('/app/*', headers, files);
  // The browser keeps the `#` of the address, with its code or request, across a redirect.
  app.get('/', (c) => c.redirect('/app/'));
  app.get('/app', (c) => c.redirect('/app/'));
}
