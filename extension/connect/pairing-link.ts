/** Where to connect and with which code. */
export type PairingLink = { server: string; code: string };

/**
 * Reads what a person pastes: `http://127.0.0.1:4780/#pair=XXXXX-XXXXX`, or an address and a code in two fields.
 * An address without a scheme gets https, or http when it is this machine.
 *
 * @returns the server's origin and the code (either may be empty), or null when the address is none
 */
export function readPairingLink(address: string, code = ''): PairingLink | null {
  const written = address.trim();
  if (written === '') return { server: '', code: code.trim() };
  const local = /^(localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$)/i.test(written);
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(written)
    ? written
    : `${local ? 'http' : 'https'}://${written}`;
  if (!URL.canParse(full)) return null;
  const url = new URL(full);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  // A key must not be sent along a path or as a user that someone hid in the link.
  if (url.username !== '' || url.password !== '') return null;
  const inLink = new URLSearchParams(url.hash.slice(1)).get('pair') ?? '';
  return { server: url.origin, code: code.trim() || inLink.trim() };
}

/** The permission to ask the browser for: this one server and no other. Ports are not part of match patterns. */
export function originPattern(server: string): string {
  const { protocol, hostname } = new URL(server);
  return `${protocol}//${hostname}/*`;
}
