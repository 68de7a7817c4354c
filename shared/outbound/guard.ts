/** Which URLs are talked to, and which addresses their names may stand for. */
import type { LookupAddress } from 'node:dns';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { objectionTo, type Reach } from './addresses.ts';
import { type Names, openNames } from './names.ts';

/** How a URL is called, its address guarded; or why it is not called at all. */
export type Aim =
  | {
      ok: true;
      request: typeof httpRequest;
      /** Without the agent: one of the two below. */
      options: RequestOptions;
      /** Takes a connection that was kept, where there is one. */
      kept: Agent;
      /** Makes a connection for this call alone. */
      fresh: Agent;
      /** What a connection says of itself once it may be written to. */
      opens: 'connect' | 'secureConnect';
    }
  | { ok: false; code: 'invalid_url' | 'insecure_url' | 'address_refused' };
export type Agent = RequestFilteringHttpAgent | RequestFilteringHttpsAgent;

export type Guard = {
  aim(url: string): Aim;
  /** Closes idle connections. */
  close(): void;
};

/** As many URLs as a busy installation calls again and again. */
const aimsKept = 1_000;

/** How long a connection is kept for the next call, ms: less than the five seconds after which many servers close theirs. What a server says of itself (`Keep-Alive: timeout`) makes it shorter. */
const idleMs = 4_000;

class AddressRefused extends Error {}

function guardedLookup(names: Names, reach: Reach): LookupFunction {
  /** All of them or nothing: a name that leads anywhere private is not talked to. */
  async function addressesOf(name: string): Promise<LookupAddress[]> {
    const found = await names(name);
    for (const { address, family } of found) {
      const objection = objectionTo(address, family, reach);
      if (objection !== undefined) throw new AddressRefused(objection);
    }
    return found;
  }
  return (name, { all }, callback) => {
    addressesOf(name).then(
      (found) => (all ? callback(null, found) : callback(null, found[0]?.address ?? '', found[0]?.family)),
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
}

/** Whether a call failed because its address is not one we talk to. */
export const isRefusal = (error: Error): boolean =>
  // The library's error has no code; the wording is that of the pinned version, and a test holds it to that.
  error instanceof AddressRefused || /is not allowed\. Because/.test(error.message);

/**
 * Opens the guard. Connections are kept open between calls for a moment; each was checked when it was made.
 *
 * @param nameServers instead of the system's
 */
export function openGuard(allowLoopback: boolean, nameServers?: readonly string[]): Guard {
  const names = openNames(nameServers);
  const filter = { allowIPAddressList: allowLoopback ? ['127.0.0.1', '::1'] : [] };
  const keeping = { ...filter, keepAlive: true, timeout: idleMs };
  const http = {
    request: httpRequest,
    kept: new RequestFilteringHttpAgent(keeping),
    fresh: new RequestFilteringHttpAgent(filter),
    opens: 'connect' as const,
    lookup: guardedLookup(names, { plain: true, allowLoopback }),
  };
  const https = {
    request: httpsRequest,
    kept: new RequestFilteringHttpsAgent(keeping),
    fresh: new RequestFilteringHttpsAgent(filter),
    opens: 'secureConnect' as const,
    lookup: guardedLookup(names, { plain: false, allowLoopback }),
  };
  const aims = new Map<string, Aim>();

  function aimAt(text: string): Aim {
    if (!URL.canParse(text)) return { ok: false, code: 'invalid_url' };
    const url = new URL(text);
    const plain = url.protocol === 'http:';
    if (url.protocol !== 'https:' && !(plain && allowLoopback)) return { ok: false, code: 'insecure_url' };
    // A literal address is connected to without a lookup.
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    const family = isIP(literal);
    if (family !== 0 && objectionTo(literal, family, { plain, allowLoopback }) !== undefined)
      return { ok: false, code: 'address_refused' };
    const { lookup, ...way } = plain ? http : https;
    return { ok: true, ...way, options: { ...urlToHttpOptions(url), lookup } };
  }

  return {
    aim(url) {
      const known = aims.get(url);
      if (known !== undefined) return known;
      if (aims.size >= aimsKept) aims.clear();
      const made = aimAt(url);
      aims.set(url, made);
      return made;
    },
    close() {
      for (const agent of [http.kept, http.fresh, https.kept, https.fresh]) agent.destroy();
    },
  };
}
