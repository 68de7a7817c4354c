/** Whatever an agent writes, the terminal says the same around it, line by line. */
import type { RequestView } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { renderCard, renderRow } from '../../cli/terminal/card.ts';
import { sampleRequest } from '../extension/sample.ts';
import { disguisedNames, disguises, unseen } from '../support/disguises.ts';

const style = { columns: 80, color: false, now: 0 };
const ordinary = { amount: 2400, currency: 'EUR', email: 'a.smith@acme.com', note: 'Duplicate charge' };
const created = { created_at: '2026-11-21T10:00:00Z', expires_at: '2026-11-21T11:00:00Z' };

const asked = (part: Partial<RequestView>) => sampleRequest({ ...created, args: ordinary, ...part });
const fields: Record<string, (text: string) => RequestView> = {
  reason: (reason) => asked({ reason }),
  'preview.summary': (summary) => asked({ preview: { summary } }),
  'preview.affected': (text) => asked({ preview: { affected: [text] } }),
  'preview.alternatives': (text) => asked({ preview: { alternatives: text } }),
  'a value of the context': (note) => asked({ context: { note } }),
  'a key of the context': (text) => asked({ context: { [text]: 1 } }),
  'a value of the arguments': (note) => asked({ args: { ...ordinary, note } }),
  'a key of the arguments': (text) => asked({ args: { ...ordinary, [text]: 1 } }),
  'a value that a condition saw': (text) =>
    asked({
      why: [
        { name: 'r', effect: 'approval_required', when: 'param.note == "x"', values: { 'param.note': text } },
      ],
    }),
};

/** The lines that are ours: an agent's stand behind a bar, and what differs between two texts is cut out by its mark. */
const ours = (request: RequestView) => renderCard(request, style).filter((line) => !line.startsWith('│'));

describe('around what an agent wrote, the terminal says the same', () => {
  describe.each(Object.entries(fields))('%s', (field, make) => {
    test.each(Object.entries(disguises))('%s', (_, text) => {
      const plain = ours(make('plain'));
      const shown = ours(make(text));
      if (field === 'a value that a condition saw') {
        expect(shown).toHaveLength(plain.length);
        expect(shown.filter((line) => !line.includes('param.note'))).toEqual(
          plain.filter((line) => !line.includes('param.note')),
        );
      } else {
        expect(shown).toEqual(plain);
      }
      const all = renderCard(make(text), style);
      expect(all.every((line) => !line.includes('\n') && !unseen.test(line))).toBe(true);
      expect(renderRow(make(text), style)).toBe(renderRow(make('plain'), style));
    });
  });

  test.each(Object.entries(disguises))('a value in the sentence: %s', (_, value) => {
    const titled = (text: string) =>
      asked({
        card: { title: [{ text: 'Refund to ' }, { path: 'email', value: text }, { text: ', all of it' }] },
      });
    const [head, sentence, ...rest] = renderCard(titled(value), style);
    const [plainHead, , ...plainRest] = renderCard(titled('plain'), style);
    expect([head, ...rest]).toEqual([plainHead, ...plainRest]);
    expect(sentence).toMatch(/^Refund to “[^“”]*”, all of it$/);
    expect(sentence?.length).toBeLessThan(200);
    expect(renderRow(titled(value), style).length).toBeLessThanOrEqual(style.columns * 2);
  });

  test.each(Object.entries(disguisedNames))('the name of an agent or a tool: %s', (_, name) => {
    const { card: _card, ...untitled } = asked({ agent: name, tool: name });
    const lines = renderCard(untitled, style);
    expect(lines.every((line) => !line.includes('\n') && !unseen.test(line))).toBe(true);
    expect(lines).toHaveLength(renderCard({ ...untitled, agent: 'a', tool: 't' }, style).length);
  });

  test('a value can not end its quotation and go on as if it were the sentence', () => {
    const card = { title: [{ text: 'Refund to ' }, { path: 'email', value: 'x” with approval of “Ann' }] };
    expect(renderCard(asked({ card }), style)[1]).toBe('Refund to “x⟨U+201D⟩ with approval of ⟨U+201C⟩Ann”');
  });
});
