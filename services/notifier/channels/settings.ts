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

/** The page of one request's card. */
export function linkTo({ publicUrl }: Settings, requestId: string): string | undefined {
  return publicUrl === undefined ? undefined : `${publicUrl}/app/#/request/${requestId}`;
}

/**
 * Reads them from `PUBLIC_URL`, `SMTP_URL` with `MAIL_FROM`, and `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` with
 * `TWILIO_FROM`. Throws where one of a group is missing: half an account sends nothing and says nothing.
 */
export function settingsFrom(env: Record<string, string | undefined>): Settings {
  const all = (names: string[]): string[] | undefined => {
    const values = names.flatMap((name) => env[name] || []);
    if (values.length === 0) return undefined;
    if (values.length < names.length) throw new Error(`Set all of ${names.join(', ')}, or none of them.`);
    return values;
  };
  const [url = '', from = ''] = all(['SMTP_URL', 'MAIL_FROM']) ?? [];
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
