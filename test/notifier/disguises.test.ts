/** Whatever an agent writes, a webhook says the same around it, and a push holds none of it. */
import type { Payload } from '@countersign/shared/request';
import { viewOf } from '@countersign/shared/request';
import { describe, expect, test } from 'vitest';
import { bodyOf } from '../../services/notifier/channels/webhook-body.ts';
import { disguises } from '../support/disguises.ts';
import { pendingRequest } from './workspace.ts';

const record = pendingRequest('w', 'req_1', { created_at: 0, expires_at: 600_000 });

/** The text that is sent for a request with such a text in every field that an agent fills. */
function sent(text: string): string {
  const payload: Payload = {
    args: { note: text },
    salt: 's',
    why: [],
    said: {
      reason: text,
      preview: { summary: text, affected: [text] },
      context: { note: text },
      transcript: [{ role: 'user', text }],
      links: [{ href: 'https://acme.com/', text }],
    },
  };
  const request = viewOf(record, { first: payload, current: payload }, () => undefined);
  return bodyOf({ id: 'n', type: 'request.created', timestamp: '2026-01-01T00:00:00Z', request });
}

describe('a webhook carries what an agent wrote as a value and nothing else', () => {
  test.each(Object.entries(disguises))('%s', (_, whole) => {
    // As much as a webhook takes eight times over.
    const text = whole.slice(0, 500);
    const body = sent(text);
    // Line by line is how logs and terminals read it: it is one line, and no control character stands in it as such.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
    expect(body).not.toMatch(/[\u0000-\u001F]/);
    const written = JSON.stringify(text);
    expect(body.split(written).join('"plain"')).toBe(sent('plain'));
    expect(body.split(written)).toHaveLength(8);
  });
});
