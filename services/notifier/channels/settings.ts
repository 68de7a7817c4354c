import { type ChannelName, channelNames } from './channel.ts';

/** What an installation sends with and speaks of itself as. From the environment; credentials never leave the process. */
export type Settings = {
  /** Where people reach intake, without a slash at the end: messages link to cards under it. */
  publicUrl?: string | undefined;
  /** `smtp://user:password@host:port`, and whom mail comes from. Without it no mail is sent. */
  mail?: { url: string; from: string } | undefined;
  /** An account of Twilio, and the number that messages come from. Without it no text message is sent. */
  sms?: { accountSid: string; authToken: string; from: string; url?: string | undefined } | undefined;
};

/** The channels that can be sent by: all but those that need an account that the installation does not have. */
export function channelsSetUp({ mail, sms }: Settings): ReadonlySet<ChannelName> {
  const missing: string[] = [...(mail === undefined ? ['email'] : []), ...(sms === undefined ? ['sms'] : [])];
  return new Set(channelNames.filter((name) => !missing.includes(name)));
}

/** A page of the web app, by its address from the `#` on. */
export function pageLink({ publicUrl }: Settings, page: string): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/app/${page}`;
}

/** The page of one request's card. */
export const linkTo = (settings: Settings, requestId: string): string | undefined =>
  pageLink(settings, `#/request/${requestId}`);

/** What is set would send nothing and say nothing. The message names no value: some are credentials. */
export class UnusableSettings extends Error {
  override readonly name = 'UnusableSettings';
}

/**
 * Reads them from `PUBLIC_URL`, `SMTP_URL` with `MAIL_FROM`, and `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` with
 * `TWILIO_FROM`. Throws `UnusableSettings` where one of a group is missing, or can not be what it is to be.
 */
export function settingsFrom(env: Record<string, string | undefined>): Settings {
  const all = (names: string[]): string[] | undefined => {
    const values = names.flatMap((name) => env[name] || []);
    if (values.length === 0) return undefined;
    if (values.length < names.length)
      throw new UnusableSettings(`Set all of ${names.join(', ')}, or none of them.`);
    return values;
  };
  const [url = '', from = ''] = all(['SMTP_URL', 'MAIL_FROM']) ?? [];
  if (url !== '' && !/^smtps?:\/\/[^/]/.test(url))
    throw new UnusableSettings(
      'SMTP_URL must be smtp://user:password@host:port, or smtps:// for TLS from the start.',
    );
  if (from !== '' && !/[^\s<>@]+@[^\s<>@]+>?$/.test(from))
    throw new UnusableSettings(
      'MAIL_FROM must be an address, or a name with one: Countersign <approvals@example.com>.',
    );
  const [accountSid = '', authToken = '', number = ''] =
    all(['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM']) ?? [];
  return {
    publicUrl: env.PUBLIC_URL?.replace(/\/+$/, '') || undefined,
    mail: url === '' ? undefined : { url, from },
    sms:
      accountSid === ''
        ? undefined
        : { accountSid, authToken, from: number, url: env.TWILIO_URL || undefined },
  };
}
