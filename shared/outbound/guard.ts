/** Which URLs are talked to, and which addresses their names may stand for. */
import { lookup } from 'node:dns';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, type LookupFunction } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';

/** How a URL is called, its address guarded; or why it is not called at all. */
export type Aim =
  | { ok: true; request: typeof httpRequest; options: RequestOptions }
  | { ok: false; code: 'invalid_url' | 'insecure_url' | 'address_refused' };

export type Guard = {
  aim(url: string): Aim;
  /** Closes idle connections. */
  close(): void;
};

/** As many URLs as a busy installation calls again and again. */
const aimsKept = 1_000;

const loopback = new BlockList();
loopback.addAddress('127.0.0.1');
loopback.addAddress('::1', 'ipv6');
/** IPv4-compatible addresses (RFC 4291, deprecated): `::a9fe:a9fe` is 169.254.169.254, and request-filtering-agent lets it pass. */
const compatible = new BlockList();
compatible.addSubnet('::', 96, 'ipv6');

class AddressRefused extends Error {}

/** Guards what request-filtering-agent leaves open; it refuses every address that is not unicast by itself. */
function check(address: string, family: number | undefined, plain: boolean, allowLoopback: boolean): void {
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  if (loopback.check(address, kind)) {
    if (allowLoopback) return;
    throw new AddressRefused(`${address} is this machine`);
  }
  if (kind === 'ipv6' && compatible.check(address, kind))
    throw new AddressRefused(`${address} hides an IPv4 address`);
  if (plain)
    throw new AddressRefused(`${address} is reached over plain http, which is for this machine only`);
}

function guardedLookup(plain: boolean, allowLoopback: boolean): LookupFunction {
  return (name, options, callback) => {
    lookup(name, options, (error, address, family) => {
      if (error !== null) return callback(error, address, family);
      try {
        const found = typeof address === 'string' ? [{ address, family }] : address;
        for (const each of found) check(each.address, each.family, plain, allowLoopback);
      } catch (refusal) {
        return callback(refusal as Error, address, family);
      }
      callback(null, address, family);
    });
  };
}

/** Whether a call failed because its address is not one we talk to. */
export const isRefusal = (error: Error): boolean =>
  // The library's error has no code; the wording is that of the pinned version, and a test holds it to that.
  error instanceof AddressRefused || /is not allowed\. Because/.test(error.message);

/** Opens the guard. Connections are kept open between calls; each was checked when it was made. */
export function openGuard(allowLoopback: boolean): Guard {
  const filter = { keepAlive: true, allowIPAddressList: allowLoopback ? ['127.0.0.1', '::1'] : [] };
  const agents = {
    http: new RequestFilteringHttpAgent(filter),
    https: new RequestFilteringHttpsAgent(filter),
  };
  const lookups = { http: guardedLookup(true, allowLoopback), https: guardedLookup(false, allowLoopback) };
  const aims = new Map<string, Aim>();

  function aimAt(text: string): Aim {
    if (!URL.canParse(text)) return { ok: false, code: 'invalid_url' };
    const url = new URL(text);
    const plain = url.protocol === 'http:';
    if (url.protocol !== 'https:' && !(plain && allowLoopback)) return { ok: false, code: 'insecure_url' };
    // A literal address is connected to without a lookup.
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    const family = literal === url.hostname ? (/^[\d.]+$/.test(literal) ? 4 : undefined) : 6;
    try {
      if (family !== undefined) check(literal, family, plain, allowLoopback);
    } catch {
      return { ok: false, code: 'address_refused' };
    }
    const kind = plain ? 'http' : 'https';
    const options = { ...urlToHttpOptions(url), agent: agents[kind], lookup: lookups[kind] };
    return { ok: true, request: plain ? httpRequest : httpsRequest, options };
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
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}
