import type { Preferences } from '@countersign/shared/contracts';
import { describe, expect, test } from 'vitest';
import { onStage } from '../stage.ts';

const stage = onStage();

const read = (key = stage.keys.reviewer) => stage.call<Preferences>(key, 'GET', '/v1/preferences');
const write = (body: unknown, key = stage.keys.reviewer) =>
  stage.call<Preferences>(key, 'PUT', '/v1/preferences', body);

const defaults: Preferences = {
  channels: { low: [], medium: [], high: ['push', 'email'], critical: ['push', 'email'] },
  opens_from: 'high',
  sound: true,
  quiet_hours: [],
  time_zone: 'UTC',
  digest_at: [],
};

describe('preferences', () => {
  test('are the defaults until their person says otherwise', async () => {
    expect(await read()).toMatchObject({ status: 200, body: defaults });
  });

  test('are kept for a person, over all their keys, and change nobody else’s', async () => {
    const wanted: Preferences = {
      ...defaults,
      channels: { low: [], medium: [], high: ['slack'], critical: ['push', 'sms'] },
      opens_from: null,
      sound: false,
      quiet_hours: [{ days: ['mon', 'fri'], from: '22:00', to: '07:00' }],
      time_zone: 'Europe/Berlin',
      digest_at: ['09:00', '16:30'],
      absence: { from: '2026-12-24T00:00:00Z', until: '2027-01-02T00:00:00Z', delegate: 'bo' },
    };
    expect(await write(wanted)).toMatchObject({ status: 200, body: wanted });
    const second = await stage.intake.addReviewer(stage.intake.people.reviewer);
    expect((await read(second)).body).toEqual(wanted);
    expect((await read(stage.keys.lead)).body).toEqual(defaults);
  });

  test('that are left out go back to their defaults', async () => {
    await write({ sound: false, digest_at: ['09:00'] });
    expect((await write({ sound: false })).body).toEqual({ ...defaults, sound: false });
  });

  test('are on record as changed, without what they say', async () => {
    await write({ time_zone: 'Asia/Tokyo' });
    const [entry] = await stage.redis.xrevrange('cs:{default}:feed', '+', '-', 'COUNT', 1);
    const said = JSON.stringify(entry);
    expect(said).toContain('person.changed');
    expect(said).not.toContain('Tokyo');
  });

  test.each([
    [{ time_zone: 'Middle/Earth' }, 'time_zone'],
    [{ time_zone: '' }, 'time_zone'],
    [{ digest_at: ['24:00'] }, 'digest_at.0'],
    [{ digest_at: ['9:00'] }, 'digest_at.0'],
    [{ quiet_hours: [{ from: '22:00' }] }, 'quiet_hours.0.to'],
    [{ quiet_hours: [{ from: '22:00', to: '07:00', days: ['monday'] }] }, 'quiet_hours.0.days.0'],
    [{ channels: { high: ['push'] } }, 'channels.low'],
    [{ channels: { low: ['pigeon'], medium: [], high: [], critical: [] } }, 'channels.low.0'],
    [{ opens_from: 'huge' }, 'opens_from'],
    [{ loud: true }, 'loud'],
  ])('%j is 400 invalid_request and says where', async (body, where) => {
    const { status, code, body: said } = await write(body);
    expect([status, code]).toEqual([400, 'invalid_request']);
    expect(JSON.stringify(said)).toContain(where);
  });

  test('are a reviewer’s alone', async () => {
    for (const key of [stage.keys.agent, stage.keys.admin]) {
      expect((await read(key)).code).toBe('forbidden');
      expect((await write({}, key)).code).toBe('forbidden');
    }
  });
});
