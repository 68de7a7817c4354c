/**
 * The one way out for mail: one message, one connection, one answer. The SMTP server is the operator's own choice, often
 * inside their network, so that the filter for addresses that strangers choose (outbound.ts) is not for it: nothing a
 * destination says can change which host is spoken to.
 */
import { PassThrough } from 'node:stream';
import nodemailer, { type NodemailerError } from 'nodemailer';

/** A message, complete. Addresses are bare: `ann@example.com`. */
export type Mail = {
  /** Names this message on every attempt; becomes its Message-ID together with the sender's domain. */
  id: string;
  /** Whom it says that it is for. */
  to: readonly string[];
  /** Whom this attempt hands it to: those of `to` who have not got it yet. */
  recipients: readonly string[];
  subject: string;
  text: string;
  html: string;
  /** The list that filters know it by: a label such as `approvals.acme`; the sender's domain is added. */
  list: string;
  /** The `id` of the message whose thread this one goes on. */
  follows?: string;
  urgent?: boolean;
  headers?: Record<string, string>;
};

/** An address that the server would not have. `permanent`: asking again changes nothing (5xx). */
export type Refusal = { address: string; status: number; permanent: boolean; response: string };

/** What came of one attempt. */
export type Sent =
  /** Taken for those of the recipients that are not in `refused`; RFC 5321 makes the server answer for it from here on. */
  | { kind: 'taken'; response: string; refused: Refusal[] }
  /** The server said no, to the connection, the login, the sender, every recipient or the message: nobody has got it. */
  | {
      kind: 'refused';
      during: 'session' | 'recipients' | 'message';
      status: number;
      permanent: boolean;
      response: string;
      refused: Refusal[];
    }
  /** No answer came. `began`: all of it had been handed over, so that it may have arrived. */
  | { kind: 'lost'; code: string; began: boolean }
  /** Nothing was sent: an address or a header that can not be one. */
  | { kind: 'impossible'; code: 'invalid_message' };

export type Mailer = {
  /** Sends once. Never rejects. */
  send(mail: Mail): Promise<Sent>;
  /** Strings that must not show up in logs. */
  secrets: string[];
};

export type MailerOptions = {
  /** `smtp://user:password@host:port`, or `smtps:`; nodemailer's options as its query. */
  url: string;
  /** `name@example.com` or `Name <name@example.com>`. */
  from: string;
  /** Deadline of a whole attempt, ms. */
  timeoutMs: number;
};

/** The credentials in an SMTP URL, as written and as sent. */
function secretsOf(url: string): string[] {
  if (!URL.canParse(url)) return [url];
  const { password } = new URL(url);
  return [url, password, decodeURIComponent(password)].filter((secret) => secret !== '');
}

/** Machines that are this one: what is said to them crosses no network. */
const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(host);

/**
 * Whether a session without TLS is refused: where a password would cross the network, since whoever sits between can
 * take the offer of STARTTLS away. `?requireTLS=false` in the URL says that they may.
 */
export function needsTls(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { password, hostname, searchParams } = new URL(url);
  return searchParams.get('requireTLS') !== 'false' && password !== '' && !isLoopback(hostname);
}

/** The part after the @ of a sender in either form. */
const domainOf = (from: string): string => /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';

const refusalOf = ({ recipient, responseCode, response }: NodemailerError): Refusal => ({
  address: recipient ?? '',
  status: responseCode ?? 0,
  permanent: (responseCode ?? 0) >= 500,
  response: response ?? '',
});

/** The network's word for what happened, as the channels over HTTP say it. */
function codeOf({ code = 'error', originalCode, cause }: NodemailerError): string {
  if (code === 'EABORT' || code === 'ETIMEDOUT') return 'timeout';
  const inner = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  if (code === 'ECONNECTION') return 'connection_closed';
  return (originalCode ?? inner ?? code).toLowerCase();
}

function failureOf(error: NodemailerError, began: boolean): Sent {
  const { code, responseCode, response = '', rejectedErrors = [], command = '' } = error;
  if (responseCode === undefined) {
    // What nodemailer refuses to send: `API` is its own name for where it looked.
    if (code === 'EENVELOPE' || code === 'EMESSAGE' || command === 'API')
      return { kind: 'impossible', code: 'invalid_message' };
    return { kind: 'lost', code: codeOf(error), began };
  }
  return {
    kind: 'refused',
    during: command === 'RCPT TO' ? 'recipients' : command === 'DATA' ? 'message' : 'session',
    status: responseCode,
    permanent: error.permanent ?? false,
    response,
    refused: rejectedErrors.map(refusalOf),
  };
}

/** Makes the sender. Connects when there is something to send, and anew for each message. */
export function makeMailer({ url, from, timeoutMs }: MailerOptions): Mailer {
  const domain = domainOf(from);
  const messageId = (id: string): string => `<${id}@${domain}>`;

  return {
    secrets: secretsOf(url),
    async send(mail) {
      let began = false;
      const transport = nodemailer.createTransport({
        url,
        ...(needsTls(url) ? { requireTLS: true } : {}),
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        // What has been said is said: a peer that will not hang up is not waited for.
        socketCloseTimeout: 1_000,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      transport.use('stream', ({ message }, done) => {
        message.transform(() => new PassThrough().once('end', () => (began = true)));
        done();
      });
      try {
        const { response, rejectedErrors = [] } = await transport.sendMail({
          from,
          to: mail.to.map((address) => ({ name: '', address })),
          envelope: { from: bare(from), to: [...mail.recipients] },
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          messageId: messageId(mail.id),
          ...(mail.follows === undefined
            ? {}
            : { inReplyTo: messageId(mail.follows), references: [messageId(mail.follows)] }),
          list: { id: { url: `${mail.list}.${domain}`, comment: 'Countersign' } },
          priority: mail.urgent === true ? 'high' : 'normal',
          headers: {
            // RFC 3834: no out-of-office answers to a machine; the second is Exchange's word for the same.
            'Auto-Submitted': 'auto-generated',
            'X-Auto-Response-Suppress': 'All',
            ...mail.headers,
          },
          // A peer that keeps the line busy byte by byte never runs into the timeouts above.
          signal: AbortSignal.timeout(timeoutMs),
        });
        return { kind: 'taken', response, refused: rejectedErrors.map(refusalOf) };
      } catch (error) {
        return failureOf(error as NodemailerError, began);
      } finally {
        transport.close();
      }
    },
  };
}

/** The address alone, for the envelope. */
const bare = (from: string): string => /<([^<>]*)>\s*$/.exec(from)?.[1] ?? from.trim();
