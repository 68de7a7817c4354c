/**
 * Addresses that nobody can follow by a tap. Programs for mail and text messages make a link of whatever looks like
 * one, the words of an agent included, and the first link of a message is the one that people open.
 */
import type { Part } from './letter.ts';

/** Bounded as names of hosts are, so that the search is linear whatever somebody writes. */
const label = String.raw`[\p{L}\p{N}_-]{1,63}`;
/** Ideographic full stops stand for a dot in a host: UTS 46, section 4. */
const dot = '[.。．｡]';
/** Letters alone, since a new top-level domain may be any; `orders.process_refund` and `v1.2.3` are none. */
const host = String.raw`(?:${label}${dot}){1,30}(?:\p{L}{2,63}|xn--[a-z0-9-]{1,59})(?![\p{L}\p{N}_])`;
/** An address of mail alone leads to no page. */
const mailbox = String.raw`[\p{L}\p{N}._%+-]{1,64}@${host}(?![/#\\]|[?:]\S)`;
const numbers = String.raw`\b\d{1,3}(?:\.\d{1,3}){3}(?=[/:?#\\])`;

const address = new RegExp(`(${mailbox})|${host}|${numbers}`, 'giu');

/** The same words, with `hxxps://` and `[.]` in what a program would make a link to a page of. */
export function unlinked(text: string): string {
  return text
    .replaceAll(address, (found, mail: string | undefined) =>
      mail === undefined ? found.replaceAll(new RegExp(dot, 'g'), '[.]') : found,
    )
    .replaceAll(/(?<=h)tt(?=ps?:\/\/)/gi, 'xx')
    .replaceAll(/(?<!hxxps?):(?=\/\/)/gi, '[:]');
}

/** A sentence whose values can not be followed; our own words stay as they are. */
export function withoutLinks(parts: readonly Part[]): Part[] {
  return parts.map((part) => (typeof part === 'string' ? part : { ...part, value: unlinked(part.value) }));
}
