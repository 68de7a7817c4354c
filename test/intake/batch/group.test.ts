/** What may be looked at together: properties of the pure grouping, and its judgement on plain cases. */
import { sumOf } from '@countersign/shared/card';
import type { Json, JsonObject, Tier } from '@countersign/shared/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { amountsOf } from '../../../services/intake/batch/amounts.ts';
import { cellsOf } from '../../../services/intake/batch/cells.ts';
import { destinationsOf } from '../../../services/intake/batch/destinations.ts';
import {
  type Approved,
  type Candidate,
  type Group,
  groupAlike,
} from '../../../services/intake/batch/group.ts';
import { standOut } from '../../../services/intake/batch/outliers.ts';

let count = 0;

/** A candidate that may be in a batch; `change` makes it another. */
function candidate(args: JsonObject, change: Partial<Candidate> & { tier?: Tier } = {}): Candidate {
  const { tier = 'low', ...rest } = change;
  count += 1;
  return {
    id: `req_${count}`,
    version: 1,
    args_digest: `sha256:${count}`,
    agent: 'clerk',
    tool: 'crm.update_note',
    rules: ['notes'],
    policy_digest: 'sha256:p1',
    terms: {
      tier,
      requirements: [{ rule: 'notes', slots: [{ from: null, need: 1 }] }],
      hold_ms: 0,
      on_rejection: 'continue',
      editable: null,
      friction: { kind: 'none', paths: [] },
    },
    reversible: true,
    caps: { rows: 10, each: 100, sum: 500 },
    args,
    ...rest,
  };
}

const notes = (length: number, of: (n: number) => JsonObject) =>
  Array.from({ length }, (_, n) => candidate(of(n)));

const people = ['a@acme.com', 'b@acme.com', 'c@other.org'];
/** The first value mostly, the others now and then. */
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.constantFrom(...Array<T>(12 * others.length).fill(usual), ...others);
const shapes: fc.Arbitrary<JsonObject>[] = [
  fc.record({
    note: mostly('seen', 'called', 'x'.repeat(200)),
    customer: fc.integer({ min: 1, max: 40 }),
    urgent: mostly(false, true),
  }),
  fc.record({
    amount: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 15, max: 25 }) },
      { weight: 1, arbitrary: fc.constantFrom<Json[]>(-20, 130, '12.50', '1,000', 1e9) },
    ),
    currency: mostly('EUR', 'USD'),
    email: mostly(...(people as [string, ...string[]])),
  }),
  fc.record({
    lines: fc.array(fc.record({ sku: fc.string(), price: fc.integer({ min: 0, max: 60 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
];
const candidates = fc.array(
  fc
    .record({
      args: fc.oneof(...shapes),
      tier: mostly<Tier>('low', 'medium', 'high', 'critical'),
      reversible: mostly(true, false),
      tool: mostly('crm.update_note', 'mail.send'),
      agent: mostly('clerk', 'bot'),
      rules: mostly(['notes'], ['notes', 'more']),
      policy_digest: mostly('sha256:p1', 'sha256:p2'),
      caps: mostly<Candidate['caps']>(
        { rows: 10, each: 100, sum: 500 },
        { rows: 4, each: 50, sum: 80 },
        null,
      ),
    })
    .map(({ args, ...change }) => candidate(args, change)),
  { maxLength: 80, size: 'max' },
);
const approved: fc.Arbitrary<Approved[]> = fc
  .subarray(people)
  .map((known) => known.map((email) => ({ agent: 'clerk', tool: 'crm.update_note', args: { email } })));

type Case = { groups: Group[]; members: (group: Group) => Candidate[]; all: Candidate[]; known: Approved[] };

const runs = 200;

/** Checks a property of the groups of any candidates. */
function always(property: (given: Case) => void): void {
  fc.assert(
    fc.property(candidates, approved, (all, known) => {
      const byId = new Map(all.map((one) => [one.id, one]));
      const members = (group: Group) => group.ids.flatMap((id) => byId.get(id) ?? []);
      property({ groups: groupAlike(all, known), members, all, known });
    }),
    { numRuns: runs },
  );
}

describe('any batch', () => {
  test('is what the properties below are about: most of the cases have some', () => {
    let some = 0;
    always(({ groups }) => {
      if (groups.length > 0) some += 1;
    });
    expect(some).toBeGreaterThan(runs / 3);
  });

  test('law 6: holds nothing above the low tier, nothing irreversible, nothing that asks for friction', () => {
    always(({ groups, members }) => {
      for (const member of groups.flatMap(members)) {
        expect(member.terms.tier).toBe('low');
        expect(member.terms.friction.kind).toBe('none');
        expect(member.reversible).toBe(true);
        expect(member.caps).not.toBeNull();
      }
    });
  });

  test('is of one agent, tool, policy and set of rules', () => {
    always(({ groups, members }) => {
      for (const group of groups) {
        const kinds = members(group).map(({ agent, tool, rules, policy_digest, terms }) =>
          JSON.stringify([agent, tool, rules, policy_digest, terms]),
        );
        expect(new Set(kinds).size).toBe(1);
      }
    });
  });

  test('has three rows at least, and as many and as large ones as policy lets it have', () => {
    always(({ groups, members }) => {
      for (const group of groups) {
        const [first] = members(group);
        expect(group.ids.length).toBeGreaterThanOrEqual(3);
        expect(group.ids.length).toBeLessThanOrEqual(first?.caps?.rows ?? 0);
        for (const { each } of group.amounts) {
          for (const amount of each) expect(Math.abs(amount)).toBeLessThanOrEqual(first?.caps?.each ?? 0);
          expect(sumOf(each.map(Math.abs))).toBeLessThanOrEqual(first?.caps?.sum ?? 0);
        }
      }
    });
  });

  test('reaches nobody whom an approved call of that agent and tool has not reached', () => {
    always(({ groups, members, known }) => {
      const reached = new Set(known.map(({ args }) => args.email));
      for (const { args, agent, tool } of groups.flatMap(members)) {
        for (const { to } of destinationsOf(cellsOf(args))) {
          expect([agent, tool]).toEqual(['clerk', 'crm.update_note']);
          expect(reached).toContain(to);
        }
      }
    });
  });

  test('shows every value: what is common and what differs are the arguments of each row', () => {
    always(({ groups, members }) => {
      for (const group of groups) {
        members(group).forEach(({ args }, row) => {
          const differing = group.columns.map((path, column) => [path, group.values[row]?.[column]]);
          const common = group.common.map(({ path, value }) => [path, value]);
          const all = cellsOf(args).map(({ path, value }) => [path, value]);
          expect(new Map([...differing, ...common] as [string, Json][])).toEqual(
            new Map(all as [string, Json][]),
          );
        });
      }
    });
  });

  test('a request is in one batch, or left out once, and never both', () => {
    always(({ groups, all }) => {
      const named = groups.flatMap(({ ids, left_out }) => [...ids, ...left_out.map(({ id }) => id)]);
      expect(new Set(named).size).toBe(named.length);
      const given = new Set(all.map(({ id }) => id));
      for (const id of named) expect(given).toContain(id);
    });
  });

  test('keeps the order of the queue', () => {
    always(({ groups, all }) => {
      const place = new Map(all.map(({ id }, index) => [id, index]));
      for (const { ids } of groups) {
        const places = ids.map((id) => place.get(id) ?? -1);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }
    });
  });
});

describe('left out', () => {
  const why = (groups: Group[]) =>
    groups.flatMap(({ left_out }) => left_out.map(({ why, path }) => [why, path]));

  test('a number far from the others, and the one after it that then stands out', () => {
    const amounts = [10, 11, 9, 10, 12, 11, 98];
    const groups = groupAlike(
      notes(7, (n) => ({ amount: amounts[n] ?? 0, currency: 'EUR', order: `o${n}` })),
      [],
    );
    expect(groups.map(({ ids }) => ids.length)).toEqual([6]);
    expect(why(groups)).toEqual([['far_value', '/amount']]);
  });

  test('a value that differs where nearly all are equal', () => {
    const groups = groupAlike(
      notes(6, (n) => ({ note: `n${n}`, notify: n === 4 })),
      [],
    );
    expect(groups[0]?.ids).toHaveLength(5);
    expect(why(groups)).toEqual([['rare_value', '/notify']]);
    expect(groups[0]?.common).toEqual([{ path: '/notify', value: false }]);
  });

  test('whoever was never written to; known ones stay', () => {
    const known = people.slice(0, 2).map((to) => ({ agent: 'clerk', tool: 'crm.update_note', args: { to } }));
    const groups = groupAlike(
      notes(7, (n) => ({ to: people[n === 6 ? 2 : n % 2] ?? '', n })),
      known,
    );
    expect(groups[0]?.ids).toHaveLength(6);
    expect(why(groups)).toEqual([['new_recipient', '/to']]);
  });

  test('an amount above the cap, and one that cannot be read', () => {
    const amounts: Json[] = [5, '6.50', 7, 101, '1,000', 6];
    const groups = groupAlike(
      amounts.map((amount) => candidate({ fee: amount })),
      [],
    );
    // Numbers and texts are different shapes: three numbers are left of six amounts.
    expect(groups.map(({ ids }) => ids.length)).toEqual([3]);
    expect(why(groups)).toEqual([['over_cap', '/fee']]);
  });

  test('a text that is too long for a table', () => {
    const groups = groupAlike(
      notes(4, (n) => ({ note: n === 3 ? 'long '.repeat(40) : `n${n}` })),
      [],
    );
    expect(why(groups)).toEqual([['long_text', '/note']]);
  });

  test('numbers that only name something are never far', () => {
    const ids = [1, 2, 3, 4, 9_000_000];
    const groups = groupAlike(
      ids.map((customer_id) => candidate({ customer_id })),
      [],
    );
    expect(groups[0]?.ids).toHaveLength(5);
  });
});

describe('how large', () => {
  test('what does not fit makes the next batch, and fewer than three rows are none', () => {
    const sizes = (length: number) =>
      groupAlike(
        notes(length, (n) => ({ n: `n${n}` })),
        [],
      ).map(({ ids }) => ids.length);
    expect([2, 3, 10, 12, 13, 25].map(sizes)).toEqual([[], [3], [10], [10], [10, 3], [10, 10, 5]]);
  });

  test('the sum of a batch stays under its cap', () => {
    const groups = groupAlike(
      notes(12, (n) => ({ price: 99 - n / 10 })),
      [],
    );
    expect(groups.map(({ ids }) => ids.length)).toEqual([5, 5]);
  });

  test('rows that differ in too many places are no batch', () => {
    const wide = (columns: number) => (n: number) =>
      Object.fromEntries(Array.from({ length: columns }, (_, c) => [`k${c}`, `v${c}-${n}`]));
    expect(groupAlike(notes(5, wide(6)), [])).toHaveLength(1);
    expect(groupAlike(notes(5, wide(7)), [])).toEqual([]);
  });

  test('no request joins others of another shape, kind of value or currency', () => {
    const mixed = [{ note: 'a' }, { note: 1 }, { note: null }, { note: 'a', more: 1 }, { note: ['a'] }];
    expect(
      groupAlike(
        [...mixed, ...mixed].map((one) => candidate(one)),
        [],
      ),
    ).toEqual([]);
    const money = (n: number) => ({ amount: 5, currency: n % 2 === 0 ? 'EUR' : 'USD', n: `n${n}` });
    expect(groupAlike(notes(6, money), []).map(({ amounts }) => amounts)).toEqual([
      [{ path: '/amount', currency: 'EUR', each: [5, 5, 5] }],
      [{ path: '/amount', currency: 'USD', each: [5, 5, 5] }],
    ]);
  });
});

describe('reading arguments', () => {
  test('places are JSON Pointers; plain lists are one value', () => {
    expect(cellsOf({ 'a/b': { '~': [1, 2] }, items: [{ id: 1 }], none: {} })).toEqual([
      { path: '/a~1b/~0', name: '~', value: [1, 2] },
      { path: '/items/0/id', name: 'id', value: 1 },
      { path: '/none', name: 'none', value: {} },
    ]);
  });

  test('amounts are found by their name or their currency; cents are not summed as euros', () => {
    const amounts = (args: JsonObject) => amountsOf(cellsOf(args));
    expect(amounts({ total: { value: 5, currency: 'eur' }, refundAmount: '2.50', count: 3 })).toEqual([
      { path: '/total/value', value: 5, currency: 'EUR' },
      { path: '/refundAmount', value: 2.5 },
    ]);
    expect(amounts({ amount_cents: 500, currency: 'EUR' })).toEqual([{ path: '/amount_cents', value: 500 }]);
    expect(amounts({ fee: '€5' })[0]?.value).toBeNaN();
  });

  test('destinations are addresses and hosts anywhere, and values of named keys', () => {
    const found = destinationsOf(
      cellsOf({
        body: 'Write to Bob <BOB@Acme.com> or see https://user@evil.example:8080/x',
        cc: ['a@b.c'],
        iban: 'DE 1',
        note: 'hi',
      }),
    ).map(({ to }) => to);
    expect(found).toEqual(['bob@acme.com', 'user@evil.example', 'evil.example', 'a@b.c', 'de 1']);
  });

  test('what stands out needs others to stand out from', () => {
    const column = (name: string, ...values: Json[]) =>
      values.map((value) => ({ path: `/${name}`, name, value }));
    expect(standOut(column('n', 5, 5.1, 5.2, 5.4))).toEqual([undefined, undefined, undefined, undefined]);
    expect(standOut(column('n', 5, 5, 5, 500))).toEqual([undefined, undefined, undefined, 'far_value']);
    expect(standOut(column('n', 'a', 'a', 'b'))).toEqual([undefined, undefined, undefined]);
    expect(standOut(column('n', 'a', 'a', 'a', 'b'))).toEqual([
      undefined,
      undefined,
      undefined,
      'rare_value',
    ]);
  });

  test('sums are exact in decimals', () => {
    expect(sumOf([0.1, 0.2])).toBe(0.3);
    expect(sumOf([19.99, 5, 0.005])).toBe(24.995);
    expect(sumOf([])).toBe(0);
  });
});
