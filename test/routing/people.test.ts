import type { Preferences, Tier } from '@countersign/shared/contracts';
import type { EventType } from '@countersign/shared/feed';
import { describe, expect, test } from 'vitest';
import { destination, directory, event, foundOf, namesOf, noon, request, routed } from './workspace.ts';

const tiers: readonly Tier[] = ['low', 'medium', 'high', 'critical'];
const told = (change: Parameters<typeof routed>[0] = {}): string[] => namesOf(routed(change).deliveries);
const nothing = { low: [], medium: [], high: [], critical: [] };
const wish = (channels: Partial<Preferences['channels']>, more: Partial<Preferences> = {}) => ({
  channels: { ...nothing, ...channels },
  ...more,
});
const night = { quiet_hours: [{ from: '11:00', to: '13:00' }], time_zone: 'UTC' };
const away = { from: '2026-11-20T00:00:00Z', until: '2026-11-30T00:00:00Z' };

describe('whoever may decide a request that waits', () => {
  test('hears by the browser at any tier, and by e-mail from high on, until they say otherwise', () => {
    const browsers = ['push-b-ann', 'push-b-bo'];
    const both = ['email-person.ann', 'email-person.bo', ...browsers];
    expect(tiers.map((tier) => told({ request: request({ tier }) }))).toEqual([
      browsers,
      browsers,
      both,
      both,
    ]);
  });

  test('is found by the groups of policy and of people, or by name', () => {
    const found = (audience: string[]) => told({ request: request({ tier: 'low', audience }) });
    expect(found(['finance'])).toEqual(['push-b-ann']);
    expect(found(['oncall'])).toEqual(['push-b-bo']);
    expect(found(['bo'])).toEqual(['push-b-bo']);
  });

  test('hears by what they chose for the tier, and by nothing else', () => {
    const ann = wish({ high: ['sms'], medium: ['push'] });
    const bo = wish({ high: ['email'] });
    expect(told({ directory: directory({ ann, bo }) })).toEqual(['email-person.bo', 'sms-person.ann']);
    const medium = routed({ directory: directory({ ann, bo }), request: request({ tier: 'medium' }) });
    expect(namesOf(medium.deliveries)).toEqual(['push-b-ann']);
    expect(foundOf(medium, 'bo')).toEqual(['below_settings']);
  });

  test('hears by what policy asks for as well, whatever they chose', () => {
    const ann = wish({ high: ['email'] });
    const bo = wish({});
    const asked = { channels: ['push', 'digest', 'webhook', 'pagerduty', 'teams'], audience: ['ann', 'bo'] };
    const found = routed({ directory: directory({ ann, bo }), request: request(asked) });
    expect(namesOf(found.deliveries)).toEqual(['email-person.ann', 'push-b-ann', 'push-b-bo']);
    expect(foundOf(found, 'ann')).toEqual(['email: own_settings', 'push: policy_asks']);
  });

  test('is reached in Slack by the bot of an enabled destination, and by none without', () => {
    const ann = { ann: wish({ high: ['slack'] }) };
    const slack = (change: object = {}) => {
      const bot = destination({ kind: 'slack', match: { tools: ['none'] }, ...change });
      const places = { destinations: [bot], subscriptions: [] };
      return told({ directory: directory(ann), request: request({ audience: ['ann'] }), places });
    };
    expect(slack()).toEqual(['slack-person.ann']);
    expect(slack({ disabled: { at: 0, reason: 'gone' } })).toEqual([]);
  });

  test('says why not where a channel has no address of theirs, or is not set up', () => {
    const bo = { bo: wish({ high: ['sms', 'teams', 'pagerduty', 'email'] }) };
    const can = new Set(['push', 'sms'] as const);
    const found = routed({ directory: directory(bo), request: request({ audience: ['bo'] }), can });
    expect(foundOf(found, 'bo')).toEqual([
      'sms: no_address',
      'teams: no_address',
      'pagerduty: no_address',
      'email: no_channel',
    ]);
  });
});

describe('who does not decide is not asked', () => {
  test('because they have no live key that decides, are in no group that may, are a party, or have voted', () => {
    const found = routed({ request: request({ audience: ['finance'], parties: ['ann'] }) });
    expect(foundOf(found, 'cy')).toEqual(['not_a_reviewer']);
    expect(foundOf(found, 'bo')).toEqual(['not_in_audience']);
    expect(foundOf(found, 'ann')).toEqual(['party']);
    const voted = routed({ request: request({ audience: ['ann'], voted: ['ann'] }) });
    expect(foundOf(voted, 'ann')).toEqual(['has_voted']);
  });

  test('unless a step of the ladder names them: they may look', () => {
    const reminded = event('request.reminded', {
      data: { step: 0, notify: ['oncall'], channels: ['email'] },
    });
    const low = { tier: 'low' as const, audience: ['finance'] };
    const found = routed({ event: reminded, request: request(low) });
    expect(foundOf(found, 'cy')).toEqual(['push: no_address', 'email: step_asks']);
    expect(foundOf(found, 'bo')).toEqual(['push: own_settings', 'email: step_asks']);
    expect(foundOf(found, 'ann')).toEqual(['push: own_settings', 'email: step_asks']);
  });

  test('once it no longer waits: nobody is asked to look at what is over', () => {
    expect(told({ request: request({ waits: false }) })).toEqual([]);
    expect(told({ request: undefined })).toEqual([]);
  });
});

describe('quiet hours', () => {
  test('silence everything but critical requests, what policy asks for and a step of the ladder included', () => {
    const ann = directory({ ann: wish({ high: ['push'], critical: ['push', 'sms'] }, night) });
    const policy = { channels: ['push', 'sms'], audience: ['ann'] };
    const found = routed({ directory: ann, request: request(policy) });
    expect(found.deliveries).toEqual([]);
    expect(foundOf(found, 'ann')).toEqual(['quiet_hours']);
    const reminded = event('request.reminded', { data: { notify: ['ann'], channels: ['sms'] } });
    expect(told({ directory: ann, event: reminded, request: request(policy) })).toEqual([]);
    const critical = request({ tier: 'critical', audience: ['ann'] });
    expect(told({ directory: ann, request: critical })).toEqual(['push-b-ann', 'sms-person.ann']);
  });

  test('are over when they are', () => {
    const ann = directory({ ann: wish({ high: ['push'] }, night) });
    const at = { directory: ann, request: request({ audience: ['ann'] }) };
    expect(told({ ...at, now: noon + 3_600_000 })).toEqual(['push-b-ann']);
  });
});

describe('whoever is away', () => {
  const low = request({ tier: 'low', audience: ['ann', 'bo'] });

  test('is told of nothing, not even of what is critical', () => {
    const ann = directory({ ann: { absence: away } });
    const found = routed({ directory: ann, request: request({ tier: 'critical' }) });
    expect(foundOf(found, 'ann')).toEqual(['absent']);
    expect(namesOf(found.deliveries)).toEqual(['email-person.bo', 'push-b-bo']);
  });

  test('is told again once they are back', () => {
    const ann = directory({ ann: { absence: { ...away, until: '2026-11-21T12:00:00Z' } } });
    expect(told({ directory: ann, request: request({ audience: ['ann'] }) })).toContain('push-b-ann');
  });

  test('is stood in for by somebody who may decide, and who hears at least what they would have heard', () => {
    const ann = wish({ low: ['email'] }, { absence: { ...away, delegate: 'bo' } });
    const found = routed({ directory: directory({ ann, bo: wish({}) }), request: low });
    expect(namesOf(found.deliveries)).toEqual(['email-person.bo']);
    expect(foundOf(found, 'bo')).toEqual(['email: stands_in']);
  });

  test('gives nobody a right to decide: a stand-in who may not is not told, and that is said', () => {
    const ann = wish({ low: ['email'] }, { absence: { ...away, delegate: 'bo' } });
    for (const only of [{ audience: ['ann'] }, { parties: ['bo'] }, { voted: ['bo'] }]) {
      const found = routed({ directory: directory({ ann, bo: wish({}) }), request: { ...low, ...only } });
      expect(found.deliveries).toEqual([]);
      expect(found.considered).toContainEqual({
        kind: 'person',
        id: 'ann',
        hears: false,
        reason: { code: 'absent', until: away.until, delegate: { person: 'bo', became: 'may_not_decide' } },
      });
    }
  });

  test('is not stood in for by somebody who is away too, themselves or in a circle: one hop and no more', () => {
    for (const delegate of ['ann', 'bo']) {
      const ann = wish({ low: ['email'] }, { absence: { ...away, delegate } });
      const bo = wish({ low: ['email'] }, { absence: { ...away, delegate: 'ann' } });
      const found = routed({ directory: directory({ ann, bo }), request: low });
      expect(found.deliveries).toEqual([]);
      expect(JSON.stringify(found.considered)).toContain(`{"person":"${delegate}","became":"away"}`);
    }
  });

  test('does not disturb the quiet hours of whoever stands in', () => {
    const ann = wish({ low: ['email'] }, { absence: { ...away, delegate: 'bo' } });
    const found = routed({ directory: directory({ ann, bo: wish({}, night) }), request: low });
    expect(foundOf(found, 'bo')).toEqual(['quiet_hours']);
  });
});

describe('whoever was asked', () => {
  const over = request({ waits: false });
  const asked = [
    { channel: 'push', id: 'b-ann' },
    { channel: 'email', id: 'person.ann' },
    { channel: 'slack', id: 'person.ann' },
  ] as const;
  const hearsAfter = (type: EventType, ann: Partial<Preferences> = {}, facts = over): string[] =>
    told({ event: event(type), request: facts, asked, directory: directory({ ann }) });

  test('hears how it ended, and nobody else does', () => {
    const all = ['email-person.ann', 'push-b-ann', 'slack-person.ann'];
    for (const type of [
      'request.approved',
      'request.rejected',
      'request.timed_out',
      'request.cancelled',
    ] as const)
      expect(hearsAfter(type)).toEqual(all);
  });

  test('is brought up to date where that makes no noise, and gets no new message in quiet hours or while away', () => {
    for (const ann of [night, { absence: away }])
      expect(hearsAfter('request.approved', ann)).toEqual(['push-b-ann', 'slack-person.ann']);
    const critical = request({ waits: false, tier: 'critical' });
    expect(hearsAfter('request.approved', night, critical)).toContain('email-person.ann');
  });

  test('never reads arguments that have been edited since, not even in quiet hours', () => {
    expect(hearsAfter('request.edited', night, request({ audience: ['ann'] }))).toEqual(['slack-person.ann']);
  });

  test('sees who is on it and what was asked where the channel can show it', () => {
    expect(hearsAfter('request.claimed', {}, request())).toEqual(['slack-person.ann']);
    expect(hearsAfter('question.answered', {}, request())).toEqual(['push-b-ann']);
    expect(hearsAfter('verdict.undone', {}, request())).toEqual(['push-b-ann', 'slack-person.ann']);
    expect(hearsAfter('outcome.reported')).toEqual([]);
  });

  test('hears on though their settings would not ask them now', () => {
    expect(hearsAfter('request.approved', wish({}))).toContain('email-person.ann');
  });
});

describe('an alarm', () => {
  const alarm = (type: EventType, tier: Tier, more: Parameters<typeof routed>[0] = {}): string[] =>
    told({ event: event(type), request: request({ tier, audience: ['nobody'] }), ...more });

  test('that nobody may decide, or that nobody is told, goes to those who oversee, as at tier high', () => {
    for (const type of ['request.undecidable', 'request.unheard'] as const) {
      expect(alarm(type, 'low')).toEqual(['email-person.cy']);
      expect(alarm(type, 'critical')).toEqual(['email-person.cy']);
    }
    const found = routed({ event: event('request.unheard') });
    expect(foundOf(found, 'ann')).toEqual(['not_overseeing']);
    expect(found.unheard).toBe(false);
  });

  test('keeps to their settings, quiet hours and absence like everything else', () => {
    const chosen = { directory: directory({ cy: wish({ high: ['sms', 'email'] }) }) };
    expect(alarm('request.unheard', 'low', chosen)).toEqual(['email-person.cy']);
    for (const cy of [night, { absence: away }])
      expect(alarm('request.unheard', 'low', { directory: directory({ cy }) })).toEqual([]);
  });
});

describe('the alarm that nobody hears', () => {
  const only = { audience: ['ann'] };
  const alarm = (change: Parameters<typeof routed>[0] = {}): boolean => routed(change).unheard;
  const can = new Set(['push', 'webhook'] as const);
  const unreachable = { places: { destinations: [], subscriptions: [] }, can };

  test('is raised where nobody can be reached, everybody is away, or it is quiet for all', () => {
    expect(alarm(unreachable)).toBe(true);
    expect(alarm({ request: request(only), directory: directory({ ann: { absence: away } }) })).toBe(true);
    expect(alarm({ request: request(only), directory: directory({ ann: night }) })).toBe(true);
    expect(alarm({ request: request({ audience: ['nobody'] }) })).toBe(true);
  });

  test('is not raised where somebody hears: a person, a destination, or one who chose the digest', () => {
    expect(alarm()).toBe(false);
    const places = { ...unreachable.places, destinations: [destination()] };
    expect(alarm({ ...unreachable, places })).toBe(false);
    expect(alarm({ request: request(only), directory: directory({ ann: wish({}) }) })).toBe(false);
  });

  test('is not raised where somebody was asked before, nor of what is over', () => {
    expect(alarm({ ...unreachable, asked: [{ channel: 'push', id: 'b-ann' }] })).toBe(false);
    expect(alarm({ ...unreachable, request: request({ waits: false }) })).toBe(false);
    expect(alarm({ ...unreachable, event: event('request.claimed') })).toBe(false);
  });
});
