/**
 * From a name to its addresses, by the hosts file and by DNS. Not by `dns.lookup`: that holds one of the few threads of
 * the process for as long as a name server stays silent, and whoever owns such a name would hold up every other call.
 */
import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

/** Says what a name stands for now; rejects with `code` `ENOTFOUND`, or `EAI_AGAIN` where that can not be said now. */
export type Names = (name: string) => Promise<LookupAddress[]>;

const hostsFile = '/etc/hosts';
/** For all of a lookup, ms: the rest of an attempt is the peer's. */
const patience = 5_000;
/** How long one family is waited for once the other has addresses, ms: RFC 8305 3. */
const resolutionDelay = 50;
/** For one question to one name server, ms, twice as long the second time. */
const timeout = 1_500;
const tries = 2;

/** What a name server says where there is no such name, or none with an address. */
const definite = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

/** RFC 6761 6.3: such a name is this machine wherever it is asked, and no name server has a say in it. */
const isLocalhost = (name: string): boolean => /(?:^|\.)localhost$/.test(name);
const thisMachine: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** The addresses that a hosts file (hosts(5)) has for a name in small letters. */
export function addressesIn(hosts: string, name: string): LookupAddress[] {
  return hosts.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    return family !== 0 && names.some((each) => each.toLowerCase() === name) ? [{ address, family }] : [];
  });
}

class NameError extends Error {
  readonly code: string;
  constructor(name: string, code: string) {
    super(`${code} ${name}`);
    this.code = code;
  }
}

/** Asks for both families at once. A resolver of its own, so that it ends alone and knows the name servers of today. */
function ask(name: string, nameServers: readonly string[] | undefined): Promise<LookupAddress[]> {
  const resolver = new Resolver({ timeout, tries });
  if (nameServers !== undefined) resolver.setServers(nameServers);
  return new Promise((resolve, reject) => {
    const found: LookupAddress[] = [];
    let asked = 2;
    let code = 'ENOTFOUND';
    function end(): void {
      clearTimeout(timer);
      if (asked > 0) resolver.cancel();
      // IPv4 first: it is what most machines have, and a connection tries the other family without waiting long.
      if (found.length > 0) resolve(found.sort((a, b) => a.family - b.family));
      else reject(new NameError(name, asked > 0 ? 'EAI_AGAIN' : code));
    }
    let timer = setTimeout(end, patience);
    async function askFor(family: 4 | 6): Promise<void> {
      try {
        const addresses = await (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name));
        found.push(...addresses.map((address) => ({ address, family })));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && definite.has(String(error.code))))
          code = 'EAI_AGAIN';
      }
      asked -= 1;
      if (asked === 0) return end();
      if (found.length === 0) return;
      clearTimeout(timer);
      timer = setTimeout(end, resolutionDelay);
    }
    askFor(4);
    askFor(6);
  });
}

/**
 * Opens the way to names. However many ask for one name at a time, it is looked up once; nothing is kept beyond that.
 *
 * @param nameServers instead of those that the system is set up with: `127.0.0.1:5353`
 */
export function openNames(nameServers?: readonly string[]): Names {
  const asking = new Map<string, Promise<LookupAddress[]>>();

  async function find(name: string): Promise<LookupAddress[]> {
    if (isLocalhost(name)) return [...thisMachine];
    const hosts = await readFile(hostsFile, 'utf8').catch(() => '');
    const listed = addressesIn(hosts, name);
    return listed.length > 0 ? listed : ask(name, nameServers);
  }

  return (written) => {
    const name = written.toLowerCase().replace(/\.$/, '');
    const known = asking.get(name);
    if (known !== undefined) return known;
    const found = find(name).finally(() => asking.delete(name));
    asking.set(name, found);
    return found;
  };
}
