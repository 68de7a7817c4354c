/** An address of the web in three parts, so that the one that says where it goes can be marked. */
export type WebAddress = {
  before: string;
  host: string;
  after: string;
  /** What the browser would call, where that is not what stands there: `xn--…` for letters of other alphabets. */
  really?: string;
};

/**
 * Takes an address apart without changing a character of it; undefined for anything else. What stands before an `@` is
 * no host, however much it looks like one.
 */
export function webAddress(text: string): WebAddress | undefined {
  const parts = /^(https?:\/\/(?:[^/?#\\@\s]*@)*)(\[[^\]\s]*\]|[^/?#\\@:\s]+)([:/?#\\]\S*)?$/i.exec(text);
  if (!parts || !URL.canParse(text)) return undefined;
  const [, before = '', host = '', after = ''] = parts;
  const { hostname } = new URL(text);
  return hostname === host.toLowerCase()
    ? { before, host, after }
    : { before, host, after, really: hostname };
}
