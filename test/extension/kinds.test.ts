import type { Json, JsonObject } from '@countersign/shared/contracts';
import {
  addressesAt,
  addressParts,
  codeTokens,
  distanceText,
  isExternal,
  noMask,
  type Shown,
  valueAt,
  webAddress,
  whenOf,
  whenText,
} from '@countersign/shared/plain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPartlyShown, payloadRows } from '../../extension/card/folds.ts';
import { homeOf } from '../../extension/card/home.ts';
import { type LaidRow, layOut } from '../../extension/card/lay-out.ts';
import { cpuMs } from '../support/cpu.ts';

const kinds = (args: JsonObject) => layOut(args, 'en').map((row) => [row.path, row.shown.kind]);
const dangers = (text: string, language: 'sql' | 'shell') =>
  codeTokens(text, language).flatMap((token) => (token.kind === 'danger' ? [token.text] : []));

describe('the payload by its kinds', () => {
  test('knows a mail, a statement, a command and an address of the web by key and value', () => {
    expect(
      kinds({
        to: ['anna@acme.com', 'Bo <bo@acme.com>'],
        subject: 'Hello',
        sql: '/* x */ delete from t',
        query: 'how to delete a table',
        command: 'ls -l',
        url: 'https://acme.com/a?b=c',
        due: '2026-12-01',
      }),
    ).toEqual([
      ['to', 'addresses'],
      ['subject', 'text'],
      ['sql', 'code'],
      ['query', 'text'],
      ['command', 'code'],
      ['url', 'link'],
      ['due', 'date'],
    ]);
  });

  test('sets a list of like things as a table, with the exact sum of its money', () => {
    const items = [
      { sku: 'A', price: 0.1 },
      { sku: 'B', price: 0.2 },
      { sku: 'C', price: '0.30' },
    ];
    const [, row] = layOut({ currency: 'EUR', items }, 'en');
    expect(row?.table?.columns.map(({ label, numeric }) => [label, numeric])).toEqual([
      ['Sku', false],
      ['Price', true],
    ]);
    expect(row?.table?.totals).toEqual([null, '€0.60']);
  });

  test('adds up no column whose currencies differ or are not known', () => {
    const mixed = [
      { price: 1, currency: 'EUR' },
      { price: 2, currency: 'USD' },
    ];
    expect(layOut({ mixed }, 'en')[0]?.table?.totals).toBeUndefined();
    expect(layOut({ items: [{ price: 1 }, { price: 2 }] }, 'en')[0]?.table?.totals).toBeUndefined();
  });

  test.each<[string, JsonObject]>([
    ['objects', { id: 7, before: { name: 'a', tier: 'x' }, after: { name: 'b', tier: 'x' } }],
    ['a listed change', { id: 7, changes: [{ field: 'name', from: 'a', to: 'b' }] }],
    ['a change by field', { id: 7, changes: { name: { old: 'a', new: 'b' } } }],
    ['two texts', { id: 7, old_string: 'a', new_string: 'b' }],
  ])('shows an update as a difference: %s', (_, args) => {
    const changed = layOut(args, 'en').filter((row) => row.before !== undefined);
    expect(changed.map(({ before, shown }) => [before, shown])).toEqual([
      [
        { kind: 'text', text: 'a' },
        { kind: 'text', text: 'b' },
      ],
    ]);
  });

  test('takes the sender and the recipient of a mail for no change', () => {
    expect(layOut({ from: 'a@x.io', to: 'b@x.io' }, 'en').every((row) => row.before === undefined)).toBe(
      true,
    );
  });

  test('never loses a value, whatever the arguments are', () => {
    const key = fc.oneof(
      fc.constantFrom(
        'before',
        'after',
        'changes',
        'field',
        'from',
        'to',
        'items',
        'sql',
        'amount',
        'currency',
      ),
      fc.string({ maxLength: 6 }),
    );
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.string({ maxLength: 12 }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree, { maxKeys: 5 }), (args) => {
        const text = layOut(args, 'en').map(textOf).join('\n');
        for (const leaf of leavesOf(args)) expect(text).toContain(leaf);
      }),
    );
  });

  test('says each path once, so that a value is opened and confirmed where it stands', () => {
    const args = {
      before: { a: 1 },
      after: { a: 2, b: 3 },
      items: [{ x: 1 }, { x: 2 }],
      changes: [{ field: 'n', from: 1, to: 2 }],
    };
    const paths = layOut(args, 'en').map((row) => row.path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const row of layOut(args, 'en').filter((one) => !one.gone))
      expect(valueAt(args, row.at)).toBeDefined();
  });
});

describe('law 6: an approval waits for what is folded', () => {
  const partly = (args: JsonObject, unfolded: string[] = []) =>
    isPartlyShown(payloadRows(args, undefined, 'en'), args, noMask, new Set(unfolded));

  test('for a long text, until it is unfolded', () => {
    const args = { body: 'x'.repeat(2_000) };
    expect(partly(args)).toBe(true);
    expect(partly(args, ['body'])).toBe(false);
    expect(partly({ body: 'x'.repeat(200) })).toBe(false);
  });

  test('for a long list and a long table', () => {
    expect(partly({ ids: Array.from({ length: 40 }, (_, i) => i) })).toBe(true);
    const items = Array.from({ length: 40 }, (_, i) => ({ id: i, name: 'n' }));
    expect(partly({ items })).toBe(true);
    expect(partly({ items }, ['items'])).toBe(false);
  });
});

describe('a statement or command', () => {
  test('keeps every character in its place, whatever it is', () => {
    const hostile = fc.array(
      fc.oneof(
        fc.constantFrom(
          "'",
          '"',
          '--',
          '/*',
          '*/',
          '$$',
          '\\',
          '#',
          '`',
          '\n',
          ' ',
          'drop',
          'rm',
          ';',
          '|',
          '\u202E',
        ),
        fc.string({ unit: 'binary', maxLength: 4 }),
      ),
    );
    fc.assert(
      fc.property(hostile, fc.constantFrom('sql', 'shell'), (parts, language) => {
        const text = parts.join('');
        expect(
          codeTokens(text, language)
            .map((token) => token.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });

  test.each([
    ['DROP TABLE users', ['DROP']],
    ['delete from t where id = 1', ['delete']],
    ['UPDATE t SET a = 1', ['UPDATE']],
    ['UPDATE t SET a = 1 WHERE id = 2', []],
    ["UPDATE t SET a = 'where'; SELECT 1 WHERE true", ['UPDATE']],
    ['SELECT * FROM t FOR UPDATE', []],
    ["INSERT INTO notes VALUES ('drop it off')", []],
    ['SELECT 1 -- drop later', []],
    // What some servers run, others take for a comment or a string: it is marked.
    ['SELECT 1 /*! ; DROP TABLE t */', ['DROP']],
    ['SELECT 1 --x\n; DROP TABLE t', ['DROP']],
    ["SELECT 'it\\'s'; DROP TABLE t; --'", ['DROP']],
  ])('in SQL: %s', (text, expected) => {
    expect(dangers(text, 'sql')).toEqual(expected);
  });

  test.each([
    ['rm -rf /srv/cache', ['rm', '-rf']],
    ['/bin/rm x', ['/bin/rm']],
    ["bash -c 'sudo reboot'", ['sudo', 'reboot']],
    ['git push --force', ['--force']],
    ['ls -l # rm is not run', []],
    ['echo farm', []],
  ])('in a shell: %s', (text, expected) => {
    expect(dangers(text, 'shell')).toEqual(expected);
  });
});

test('no text makes telling its kind slow', () => {
  const laidOut = () => {
    for (const part of ['/**/ ', '-- \n', '$a$', "'", '"\\', 'update ', '@', 'https://a@', '('])
      layOut(
        {
          sql: part.repeat(4_000),
          command: part.repeat(4_000),
          to: part.repeat(4_000),
          url: `https://${part.repeat(4_000)}`,
        },
        'en',
      );
    for (const part of ['/**/ ', '$a$', "''", '"\\', 'update '])
      for (const language of ['sql', 'shell'] as const)
        codeTokens(part.repeat(19_000 / part.length), language);
  };
  expect(cpuMs(laidOut)).toBeLessThan(5_000);
});

describe('an address of the web', () => {
  test.each([
    ['https://acme.com/pay?x=1', 'acme.com', undefined],
    ['https://paypal.com@evil.example/login', 'evil.example', undefined],
    ['https://paypal.com:x@y@evil.example:8080', 'evil.example', undefined],
    ['http://[::1]:80/', '[::1]', undefined],
    ['https://аcme.com/', 'аcme.com', 'xn--cme-5cd.com'],
    ['https://evil.example\\@acme.com/', 'evil.example', undefined],
    ['http://0x7f.1/', '0x7f.1', '127.0.0.1'],
  ])('%s goes to %s', (text, host, really) => {
    const parts = webAddress(text);
    expect([parts?.host, parts?.really]).toEqual([host, really]);
    expect(`${parts?.before}${parts?.host}${parts?.after}`).toBe(text);
  });

  test.each(['acme.com', 'javascript:alert(1)', 'see https://acme.com', 'https://', 'https://a b/'])(
    '%s is none',
    (text) => {
      expect(webAddress(text)).toBeUndefined();
    },
  );
});

describe('an e-mail address', () => {
  test('is taken apart where it delivers to, unchanged', () => {
    expect(addressParts('"anna@acme.com" <x@evil.example>')).toEqual({
      before: '"anna@acme.com" <x@',
      domain: 'evil.example',
      after: '>',
    });
  });

  test('is external unless its domain is the reviewer’s or below it', () => {
    expect(
      ['a@acme.com', 'a@mail.Acme.com', 'a@evilacme.com', 'a@acme.com.evil.example'].map((one) =>
        isExternal(one, 'acme.com'),
      ),
    ).toEqual([false, false, true, true]);
    expect([homeOf('ann@acme.com'), homeOf('ann@gmail.com'), homeOf(undefined)]).toEqual([
      'acme.com',
      undefined,
      undefined,
    ]);
  });

  test('is looked for under the names of recipients only, and only where all are addresses', () => {
    expect(addressesAt(['cc'], ['a@x.io', 'b@x.io'])).toHaveLength(2);
    expect(addressesAt(['to'], ['a@x.io', 'Anna'])).toBeUndefined();
    expect(addressesAt(['note'], 'a@x.io')).toBeUndefined();
  });
});

describe('a date', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  test.each([
    ['2026-11-21T12:30:00Z', 'in 30 minutes'],
    ['2026-11-21T09:00:00Z', '3 hours ago'],
    ['2026-12-01', 'in 10 days'],
    ['2026-11-22', 'tomorrow'],
    ['2027-06-01', 'in 6 months'],
  ])('%s is %s', (text, distance) => {
    const when = whenOf(text);
    expect(when && distanceText(when, now, 'en')).toBe(distance);
  });

  test('says its weekday', () => {
    expect(whenText({ at: Date.UTC(2026, 11, 1), day: true }, 'en')).toBe('Tue, Dec 1, 2026');
  });
});

/** All the text of a line, before and after, as a person would find it on the card. */
function textOf(row: LaidRow): string {
  const cells = row.table?.rows.flat().map((cell) => (cell ? shownText(cell.shown) : ''));
  return [...row.labels, ...(cells ?? [shownText(row.shown)]), row.before ? shownText(row.before) : ''].join(
    '\n',
  );
}

function shownText(shown: Shown): string {
  switch (shown.kind) {
    case 'date':
      return shown.raw;
    case 'flag':
      return String(shown.on);
    case 'list':
    case 'addresses':
      return shown.items.join('\n');
    case 'nothing':
      return '';
    case 'money':
      return shown.text.replaceAll(/[^\d.-]/g, '');
    default:
      return shown.text;
  }
}

function leavesOf(value: Json): string[] {
  if (value === null) return [];
  if (typeof value === 'object') return Object.values(value).flatMap(leavesOf);
  return [String(value)];
}
