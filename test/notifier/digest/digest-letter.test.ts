import type { RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { digestLetter, digestSubject } from '../../../services/notifier/digest/digest-letter.ts';
import { letterHtml } from '../../../services/notifier/messages/letter-html.ts';
import { letterText } from '../../../services/notifier/messages/letter-text.ts';
import { sampleRequest } from '../../extension/sample.ts';
import { disguises, unseen } from '../../support/disguises.ts';

const now = Date.UTC(2026, 10, 21, 8, 0);
const settings = {
  workspace: 'default',
  now,
  preferences: { time_zone: 'Europe/Berlin', digest_at: ['17:00', '09:00'] },
  queue: 'https://approve.example/app/#/',
  card: (id: string) => `https://approve.example/app/#/request/${id}`,
};
const counts = (part: object) => ({ critical: 0, high: 0, medium: 0, low: 0, ...part });
const some = (part: Partial<RequestView>) => sampleRequest({ tier: 'low', expires_at: null, ...part });
/** Text without a card of policy's: the sentence is made of the arguments. */
function saying(text: string): string[] {
  const { card: _, ...request } = some({ agent: 'newsletter', args: { subject: text } });
  const letter = digestLetter({ counts: counts({ low: 1 }), told: 0 }, [request], settings);
  return [letterText(letter), letterHtml(letter)];
}

describe('a digest', () => {
  test('counts in the subject, gravest first', () => {
    expect(digestSubject(counts({ low: 4, critical: 1 }))).toBe('Countersign: 5 waiting (1 critical, 4 low)');
  });

  test.each([
    [1, 0, ['1 request waits for you', 'It came without interrupting you.']],
    [2, 1, ['2 requests wait for you', 'Beside them, 1 that you were told of still waits.']],
    [3, 2, ['3 requests wait for you', 'Beside them, 2 that you were told of still wait.']],
  ])('of %d, with %d told already, reads as a sentence', (low, told, said) => {
    const letter = digestLetter({ counts: counts({ low }), told }, [some({})], settings);
    for (const sentence of said) expect(letterText(letter)).toContain(sentence);
  });

  test('tells of what ran already beside what waits, or alone', () => {
    const until = new Date(now + 3_600_000).toISOString();
    const ran = some({ id: 'r', status: 'running', review: { until, undo: 'crm.restore' } });
    const undoing = some({ id: 'u', status: 'undo_requested', review: { until, undo: 'crm.restore' } });
    const views = { total: 3, first: [undoing, ran] };
    const both = letterText(
      digestLetter({ counts: counts({ low: 1 }), told: 0 }, [some({})], settings, views),
    );
    for (const said of [
      '1 request waits for you',
      'RAN ALREADY, TO LOOK AT',
      'to be undone, and not yet',
      '1 more in the list.',
    ])
      expect(both).toContain(said);
    const alone = letterText(digestLetter({ counts: counts({}), told: 0 }, [], settings, views));
    expect(alone).toContain('3 calls to look at');
    expect(alone).toContain('Nothing waits for you: it ran already.');
    expect(alone).not.toContain('MOST URGENT FIRST');
    expect(digestSubject(counts({ low: 1 }), 3)).toBe('Countersign: 1 waiting (1 low), 3 to look at');
    expect(digestSubject(counts({}), 3)).toBe('Countersign: 3 to look at');
  });

  test('leads to the queue and to each card, says who asks and for how long, and why it came', () => {
    const letter = digestLetter(
      { counts: counts({ low: 3 }), told: 0 },
      [some({ id: 'a' }), some({ id: 'b' })],
      settings,
    );
    const html = letterHtml(letter);
    expect([...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1])).toEqual([
      settings.queue,
      settings.card('a'),
      settings.card('b'),
    ]);
    for (const form of [letterText(letter), html]) {
      for (const said of [
        'order-processor · no deadline',
        '1 more in the queue.',
        '09:00, 17:00 (Europe/Berlin)',
      ])
        expect(form).toContain(said);
    }
  });

  test('leads nowhere where the installation has no address', () => {
    const nowhere = { ...settings, queue: undefined, card: () => undefined };
    const letter = digestLetter({ counts: counts({ low: 1 }), told: 0 }, [some({})], nowhere);
    expect(letterHtml(letter)).not.toContain('href');
  });

  test.each(Object.entries(disguises))('shows what an agent tries to hide: %s', (_, text) => {
    const tags = (html: string | undefined) =>
      (html?.match(/<[^>]*>/g) ?? []).filter(
        (tag) => !/^<(span class="mark"|\/span|br|b class="u|\/b)/.test(tag),
      );
    const [plain, html] = saying(text);
    expect(plain).not.toMatch(unseen);
    expect(html).not.toMatch(unseen);
    // Values too long for a sentence are left out of it, the place of the others stays.
    expect(tags(html).filter((tag) => !/bdi/.test(tag))).toEqual(
      tags(saying('plain')[1]).filter((tag) => !/bdi/.test(tag)),
    );
  });
});
