import { createContext } from 'preact';

/** The domain that is the reviewer's own, from their e-mail address; an address anywhere else is marked as external. */
export const Home = createContext<string | undefined>(undefined);

/** Mail hosts for everyone: whoever has an address there shares it with strangers. */
const everyones =
  /^(gmail|googlemail|outlook|hotmail|live|yahoo|icloud|me|proton|protonmail|gmx|web|aol|qq|163)\.[a-z.]+$/;

/** The organisation's domain in a reviewer's address; undefined where it is unknown, or everyone's. */
export function homeOf(email: string | undefined): string | undefined {
  const domain = email?.slice(email.lastIndexOf('@') + 1).toLowerCase();
  return domain === undefined || domain === '' || everyones.test(domain) ? undefined : domain;
}
