import type { Json } from '@countersign/shared/contracts';
import type { At } from './at.ts';

/** Keys under which e-mail addresses stand. */
const mailNames =
  /^(to|cc|bcc|from|sender|reply_?to|recipients?|e_?mails?|email_?address(es)?|addressees?)$/i;

/** The addresses at a place, if all that stands there are e-mail addresses; a text may hold several. */
export function addressesAt(at: At, value: Json): string[] | undefined {
  const name = /^\d+$/.test(at.at(-1) ?? '') ? at.at(-2) : at.at(-1);
  if (!mailNames.test(name ?? '')) return undefined;
  const items = Array.isArray(value) ? value : [value];
  const addresses = items.filter((item): item is string => typeof item === 'string');
  const all = addresses.length > 0 && addresses.length === items.length && addresses.every(isAddress);
  return all ? addresses : undefined;
}

/** Where an address delivers to: what stands behind its last `@`. The parts together are the text, unchanged. */
export function addressParts(address: string): { before: string; domain: string; after: string } {
  const at = address.lastIndexOf('@') + 1;
  const domain = /^[^\s<>,;]*/.exec(address.slice(at))?.[0] ?? '';
  return { before: address.slice(0, at), domain, after: address.slice(at + domain.length) };
}

/** Whether an address leaves the organisation: neither the domain itself nor one below it. */
export function isExternal(address: string, own: string): boolean {
  const domain = addressParts(address).domain.toLowerCase();
  return domain !== own.toLowerCase() && !domain.endsWith(`.${own.toLowerCase()}`);
}

function isAddress(text: string): boolean {
  return /^([^<>@]*<)?[^\s@<>,;]+@[^\s@<>,;]+>?$/.test(text) && text.includes('<') === text.endsWith('>');
}
