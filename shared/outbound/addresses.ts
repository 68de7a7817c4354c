/** Which addresses are talked to. request-filtering-agent refuses what it knows as special; this refuses the rest. */
import { BlockList } from 'node:net';

/** What else is known of a call that an address is for. */
export type Reach = {
  /** Over plain http, which is for this machine only. */
  plain: boolean;
  /** Development: this machine may be called. */
  allowLoopback: boolean;
};

const loopback = new BlockList();
loopback.addAddress('127.0.0.1');
loopback.addAddress('::1', 'ipv6');

/**
 * All that is given out for the public: https://www.iana.org/assignments/ipv6-address-space. Outside of it lie addresses
 * that wrap an IPv4 one, as `::a9fe:a9fe` does 169.254.169.254 (RFC 4291), and what networks use among themselves.
 */
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** Public by its number, and yet the platform's own way into each machine that runs at Azure: https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 */
const platform = new BlockList();
platform.addAddress('168.63.129.16');

/**
 * Why an address is not talked to; undefined where nothing here speaks against it.
 *
 * @param family 4 or 6
 */
export function objectionTo(
  address: string,
  family: number | undefined,
  { plain, allowLoopback }: Reach,
): string | undefined {
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  if (loopback.check(address, kind)) return allowLoopback ? undefined : `${address} is this machine`;
  if (kind === 'ipv6' && !globalUnicast.check(address, kind)) return `${address} is no public address`;
  if (platform.check(address, kind)) return `${address} belongs to the platform`;
  return plain ? `${address} is reached over plain http, which is for this machine only` : undefined;
}
