/** Shorter pieces of an address are words (`hooks`, `api`) and not what anyone would be let in by. */
const shortest = 8;

/**
 * What of an address may let in whoever knows it: all of it, its user and password (as Node sends them too), its path and
 * query, and each longer piece of those, the longest first. A peer that repeats any of them must not put it into a log.
 */
export function secretsOfUrl(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { username, password, pathname, search, searchParams } = new URL(url);
  const [user, pass] = [username, password].map(plain);
  const basic = username === '' && password === '' ? [] : [Buffer.from(`${user}:${pass}`).toString('base64')];
  const pieces = [...pathname.split('/'), ...search.slice(1).split(/[&=]/), ...searchParams.values()];
  const found = [url, `${pathname}${search}`, ...pieces, ...pieces.map(plain)];
  const long = found.filter((piece) => piece.length >= shortest);
  const all = [...long, ...basic, password, pass ?? '', username, user ?? ''];
  return [...new Set(all.filter((piece) => piece !== ''))].sort((a, b) => b.length - a.length);
}

/** Without percent-encoding, where it is well-formed. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
