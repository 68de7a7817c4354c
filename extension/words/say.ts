import { browser } from 'wxt/browser';
import type messages from '../public/_locales/en/messages.json';

/** The name of a sentence in `public/_locales`. */
export type Phrase = Exclude<keyof typeof messages, 'extension_name' | 'extension_description'>;

/**
 * A sentence in the reviewer's language, with `$1`, `$2`, … replaced by `values`.
 * Every word that the extension itself says goes through here, so that a web page with another source of
 * sentences needs to replace this file alone.
 */
export function say(phrase: Phrase, ...values: (string | number)[]): string {
  return browser.i18n.getMessage(phrase, values.map(String));
}

/** The singular or the plural sentence; the plural one gets the count as `$1`. */
export function sayCount(count: number, one: Phrase, many: Phrase): string {
  return count === 1 ? say(one, count) : say(many, count);
}

/** The language that numbers and dates are written in. */
export function language(): string {
  return browser.i18n.getUILanguage();
}
