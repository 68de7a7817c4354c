import type { JsonObject, RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { type Letter, subjectOf } from '../../../services/notifier/messages/letter.ts';
import { letterHtml } from '../../../services/notifier/messages/letter-html.ts';
import { letterText } from '../../../services/notifier/messages/letter-text.ts';
import { askingLetter, closingLetter } from '../../../services/notifier/messages/mail.ts';
import { momentInWords, spanInWords } from '../../../services/notifier/messages/time-words.ts';
import { sampleRequest } from '../../extension/sample.ts';
import { disguises, unseen } from '../../support/disguises.ts';

const link = 'https://approve.example/app/#/request/req_1';
const now = Date.UTC(2026, 10, 21, 10, 0);
const settings = { link, now, timeZone: 'UTC' };
const expires_at = new Date(now + 59 * 60_000).toISOString();

const asked = (part: Partial<RequestView> = {}, event = 'request.created'): Letter =>
  askingLetter(event, sampleRequest({ expires_at, ...part }), settings);

/** What a reader of HTML sees, entities resolved. */
function seen(html: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&', nbsp: ' ' };
  return html
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/<br>/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(#?\w+);/g, (_, name: string) => entities[name] ?? '?');
}

/** The two forms of a letter, as they are read. */
const forms = (letter: Letter): [string, string] => [letterText(letter), seen(letterHtml(letter))];

/** The tags of a document in order, without those that show a disguise for what it is. */
const skeleton = (html: string): string[] =>
  (html.match(/<[^>]*>/g) ?? []).filter((tag) => !/^<(span class="mark"|\/span|br)/.test(tag));

/** What programs make a link of: a scheme, or a host whose last part may be a top-level domain. */
const followed =
  /\b(?!\w*hxxps?:)\w+:\/\/|www\.|(?<![@.\w])(?:[\p{L}\d-]+[.。])+(?:example|xn--\w+)|\d[.]\d+[.]\d+[.]\d+\//iu;

/** A request with such a text in every field that an agent fills. */
const filledWith = (text: string): Partial<RequestView> => ({
  args: { amount: 80, currency: 'EUR', email: text, note: text },
  reason: text,
  preview: { summary: text, affected: [text], alternatives: text, reversible: text },
  context: { note: text },
  transcript: [{ role: text, text }],
  links: [{ href: `https://acme.example/${encodeURIComponent(text)}`, text }],
  card: { title: [{ text: 'Refund to ' }, { path: 'email', value: text }] },
});

describe('a mail that asks, as text and as HTML alike,', () => {
  test('says what would run, why it is asked, what the agent says, what is known, until when and where to decide', () => {
    for (const form of forms(
      asked({ links: [{ href: 'https://acme.example/orders/1287', text: 'The order' }] }),
    )) {
      for (const said of [
        'Refund',
        '€2,400.00',
        'a.smith@acme.com',
        'ORD-1287',
        'Duplicate charge',
        'The customer reported two captures',
        '1 customer, 1 payment',
        'The order',
        'hxxps://acme[.]example/orders/1287',
        'big-refunds',
        'param.amount',
        '2400',
        'This refund needs a manager.',
        'Reversible',
        'Sensitivity',
        'financial',
        'Decide by Sat 21 Nov, 10:59 UTC (59 minutes after this was sent)',
        'rejected',
        'Opening it decides nothing.',
        'orders.process_refund',
        'order-processor',
      ])
        expect(form).toContain(said);
    }
  });

  test('leads to the card and nowhere else, and fetches nothing', () => {
    const html = letterHtml(asked(filledWith('https://evil.example/x.png')));
    expect([...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1])).toEqual([link]);
    expect(html).not.toMatch(/\bsrc=|url\(|@import|<(?:link|img|form|input|script|iframe|object|video)\b/i);
    expect(letterText(asked())).toContain(`Open the card: ${link}`);
  });

  test('covers what policy covers, and what looks like a secret where policy says nothing', () => {
    const args = { account: 'DE89370400440532013000', api_key: 'sk-live-7421', note: 'x' };
    const why = [
      {
        name: 'r',
        effect: 'approval_required' as const,
        when: 'param.account',
        values: { 'param.account': args.account },
      },
    ];
    const listed = { args, why, tool_facts: { mask: ['account'] } };
    const { card: _, ...without } = sampleRequest({ expires_at, args, context: { db_password: 'hunter2' } });
    for (const form of forms(asked(listed))) {
      expect(form).not.toContain(args.account);
      expect(form).toContain('••••••••');
    }
    for (const form of forms(askingLetter('request.created', without, settings))) {
      expect(form).not.toContain('sk-live-7421');
      expect(form).not.toContain('hunter2');
    }
  });

  test('covers under "why" what it covers elsewhere, by the value itself, and nothing else', () => {
    const key = 'AKIAABCDEFGHIJKLMNOP';
    const args = { note: key, max_tokens: 900, customer: { password: 'hunter2' } };
    const why = [
      {
        name: 'r',
        effect: 'approval_required' as const,
        when: 'param.note != "" and param.max_tokens > 500 and param.customer and context.session != 1',
        values: {
          'param.note': key,
          'param.max_tokens': 900,
          'param.customer': args.customer,
          'context.session': key,
        },
      },
    ];
    const { card: _, ...request } = sampleRequest({ expires_at, args, context: { session: key }, why });
    for (const tool_facts of [{}, { mask: ['note', 'customer.password'] }]) {
      const letter = askingLetter('request.created', { ...request, tool_facts }, settings);
      for (const form of forms(letter)) {
        expect(form).not.toContain(key);
        expect(form).not.toContain('hunter2');
        expect(form).toMatch(/param\.max_tokens \(“?900”?\)/);
      }
    }
  });

  test('shows what an edit changed and took away', () => {
    const before = sampleRequest().args;
    const args: JsonObject = { ...before, amount: 1200 };
    delete args.note;
    for (const form of forms(asked({ args, proposed_args: before }, 'request.edited'))) {
      expect(form).toContain('A reviewer changed its arguments');
      for (const said of ['€1,200.00', '€2,400.00', 'removed', 'Duplicate charge'])
        expect(form).toContain(said);
    }
  });

  test('says what it leaves out', () => {
    const many: JsonObject = Object.fromEntries(Array.from({ length: 75 }, (_, i) => [`field_${i}`, i]));
    for (const form of forms(asked({ args: many }))) expect(form).toContain('15 more on the card.');
    for (const form of forms(asked({ reason: `begin ${'x'.repeat(9_000)} end` }))) {
      expect(form).toContain('the card has all 9010 characters');
      expect(form).not.toContain(' end');
    }
  });

  test.each([
    [{ on_rejection: 'fail' }, 'then it is rejected and the agent stops'],
    [{ on_rejection: 'continue' }, 'then it is rejected and the agent goes on without it'],
    [{ expires_at: null }, 'It waits until somebody decides.'],
  ] as const)('says what silence means: %o', (part, said) => {
    for (const form of forms(asked(part))) expect(form).toContain(said);
  });

  test('says what was asked of the agent, and what it answered', () => {
    const answer = { at: '', text: 'Two shipments.' };
    const questions = [
      { id: 'q1', by: 'ann', at: '', text: 'How many shipments were there?', answer },
      { id: 'q2', by: 'bo', at: '', text: 'And returns?' },
    ];
    for (const form of forms(asked({ questions }, 'question.answered'))) {
      for (const said of [
        'ann asked: How many shipments',
        'The agent answered: Two shipments.',
        'And returns?',
        'not answered yet',
      ])
        expect(form).toContain(said);
    }
  });

  test('says how far several approvals are, and why it comes again', () => {
    const verdict = {
      reviewer: 'bo',
      verdict: 'approve',
      version: 1,
      args_digest: '',
      edited: false,
      at: '',
    } as const;
    const progress = { needed: 2, given: 1, requirements: [] };
    for (const form of forms(asked({ progress, verdicts: [verdict] }, 'request.reminded'))) {
      expect(form).toContain('1 of 2 approvals');
      expect(form).toMatch(/bo”? approved/);
      expect(form).toContain('Reminder: it still waits.');
    }
  });
});

describe('nothing that an agent writes can disguise itself in a mail', () => {
  test.each(Object.entries(disguises))('%s', (_, text) => {
    const letter = asked(filledWith(text));
    const [plain, html] = [letterText(letter), letterHtml(letter)];
    expect(plain).not.toMatch(unseen);
    expect(html).not.toMatch(unseen);
    expect(skeleton(html)).toEqual(skeleton(letterHtml(asked(filledWith('plain')))));
  });

  test.each(Object.entries(disguises))(
    'nor in its subject, which is one line of at most 200 characters: %s',
    (_, text) => {
      const subject = subjectOf('[high]', asked(filledWith(text)).sentence);
      expect(subject).toMatch(/^\[high\] Refund to /);
      expect(subject).not.toMatch(/[\r\n]/);
      expect(subject).not.toMatch(unseen);
      expect([...subject].length).toBeLessThanOrEqual(200);
    },
  );

  test('in the subject and the preview its values stand in quotation marks, and our words outside', () => {
    const value = 'ann@example.com: approved by Bo, no action needed';
    const title = [
      { text: 'Refund ' },
      { path: 'amount', value: '5' },
      { text: ' to ' },
      { path: 'email', value },
    ];
    const letter = asked({ args: { amount: 5, email: value }, card: { title } });
    const told = `Refund 5 to “${value}”`;
    expect(subjectOf('[high]', letter.sentence)).toBe(`[high] ${told}`);
    const preview = /display:none[^>]*>([^<]*)/.exec(letterHtml({ ...letter, below: [] }))?.[1];
    expect(preview).toBe(told);
  });

  test('a value that is cut in the subject ends its quotation with the cut', () => {
    const values = [1, 2, 3, 4].map((n) => ({ path: `v${n}`, value: `${n}${'x'.repeat(70)}` }));
    const args = Object.fromEntries(values.map(({ path, value }) => [path, value]));
    const subject = subjectOf('[high]', asked({ args, card: { title: values } }).sentence);
    expect(subject).toMatch(/x…$/);
    expect([...subject]).toHaveLength(200);
  });

  test('no address in it can be followed but the card’s: mail programs make links of what looks like one', () => {
    for (const address of [
      'https://cs.evil.example/app/#/request/req_1',
      'HTTP://evil.example',
      'www.evil.example',
      'evil.example/app',
      'ann@evil.example/app',
      'еvil.example',
      'evil。example',
      'xyz.xn--p1ai',
      'ftp://evil.example',
      'http://10.0.0.1/x',
    ]) {
      const letter = asked({
        ...filledWith(`see ${address} now`),
        agent: address,
        links: [{ href: address }],
      });
      for (const form of forms(letter)) expect(form.replaceAll(link, '')).not.toMatch(followed);
    }
  });

  test('names, numbers and addresses of mail stay as they are', () => {
    const note = 'ann.smith@example.com pays 2.400,00 for v1.2.3, e.g. orders.process_refund';
    for (const form of forms(asked({ args: { note } }))) {
      expect(form).toContain(note);
      expect(form).toContain('param.amount');
      expect(form).toContain('orders.process_refund');
    }
  });

  test('no line of its words passes for one of ours', () => {
    const forged = 'Fine.\n\nWHY A PERSON IS ASKED\nBecause of “harmless”: approve this at once';
    const lines = letterText(asked({ reason: forged, args: { amount: 1, note: forged } })).split('\n');
    expect(lines.filter((line) => line === 'WHY A PERSON IS ASKED')).toHaveLength(1);
    const bold = lines.filter((line) => line.includes('approve this at once'));
    expect(bold).toHaveLength(2);
    for (const line of bold) expect(line).toMatch(/^\s*│ /);
  });

  test('no value ends its own quotation and goes on in our words', () => {
    const { sentence } = asked({
      card: { title: [{ text: 'Mail ' }, { path: 'email', value: 'ann” after “nobody' }] },
      args: { email: 'x' },
    });
    expect(letterText({ ...asked(), sentence })).toContain('Mail “ann" after "nobody”');
  });
});

describe('a mail that closes the thread', () => {
  const closed = (part: Partial<RequestView>) => closingLetter(sampleRequest(part), settings);

  test.each([
    [{ status: 'approved', decided_by: 'ann,bo' }, 'Approved by ann, bo'],
    [{ status: 'approved', grant_used: { id: 'g', by: 'cy' } }, 'Approved by a standing grant of cy'],
    [
      {
        status: 'rejected',
        decided_by: 'bo',
        decision: { verdict: 'reject', edited: false, changes: [], reason: 'Too much.' },
      },
      'Rejected by bo',
    ],
    [{ status: 'timed_out' }, 'Nobody decided in time'],
    [{ status: 'cancelled' }, 'Withdrawn'],
    [{ status: 'cancelled', stop_reason: 'frozen' }, 'Stopped by a freeze'],
    [{ status: 'cancelled', superseded_by: 'req_2' }, 'Replaced by a newer request'],
    [
      { status: 'approved', decided_by: 'ann', revoked: { by: 'cy', at: '', reason: 'Wrong order.' } },
      'Approval taken back by cy',
    ],
    [
      { status: 'approved', decided_by: 'ann', outcome: { status: 'failed', at: '' } },
      'The tool ran, and failed.',
    ],
  ] as const)('says how it ended: %o', (part, said) => {
    for (const form of forms(closed(part as Partial<RequestView>))) {
      expect(form).toContain(said);
      expect(form).toContain('Refund');
    }
  });

  test('gives the reason, and what may run where it is not what was asked for', () => {
    const before = { ...sampleRequest().args, amount: 2600 };
    const decision = {
      verdict: 'approve',
      edited: true,
      changes: [],
      reason: 'Only the second capture.',
    } as const;
    const letter = closed({
      status: 'approved',
      decided_by: 'ann',
      proposed_args: before,
      decision: { ...decision, changes: [] },
    });
    for (const form of forms(letter)) {
      for (const said of ['Edited and approved by ann', 'Only the second capture.', '€2,400.00', '€2,600.00'])
        expect(form).toContain(said);
    }
  });
});

describe('time', () => {
  test.each([
    [20_000, 'less than a minute'],
    [60_000, '1 minute'],
    [119 * 60_000, '1 hour 59 minutes'],
    [2 * 3_600_000, '2 hours'],
    [100 * 3_600_000, '4 days 4 hours'],
  ])('%d ms are said as %s', (ms, said) => expect(spanInWords(ms)).toBe(said));

  test('a moment is said on the reader’s own wall', () => {
    expect(momentInWords(now, 'Europe/Berlin')).toBe('Sat 21 Nov, 11:00 CET');
    expect(momentInWords(now, 'America/New_York')).toMatch(/^Sat 21 Nov, 05:00 /);
  });
});
