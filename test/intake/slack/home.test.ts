/** Whose an app is, and whether something comes from there: the pure part. */
import { describe, expect, test } from 'vitest';
import {
  homeSaid,
  isFrom,
  isSameSlack,
  isTheirsIn,
  type Origin,
} from '../../../services/intake/slack/home.ts';

const from = (part: Partial<Origin> = {}): Origin => ({
  team: 'T1',
  enterprise: undefined,
  app: 'A1',
  ...part,
});

describe('what was pressed', () => {
  test.each<[string, Origin, boolean]>([
    ['in the app’s own team', from(), true],
    ['in a team of an organization that the app is not installed for', from({ enterprise: 'E1' }), true],
    ['in another team', from({ team: 'T2' }), false],
    ['in no team that Slack names', from({ team: undefined }), false],
    ['for another app', from({ app: 'A2' }), false],
    ['for no app that Slack names', from({ app: undefined }), false],
  ])('%s', (_, origin, own) => {
    expect(isFrom(origin, { team: 'T1', app: 'A1' })).toBe(own);
  });

  test('counts by its team alone where Slack does not name the token’s app', () => {
    expect(isFrom(from({ app: 'A2' }), { team: 'T1' })).toBe(true);
    expect(isFrom(from({ team: 'T2' }), { team: 'T1' })).toBe(false);
  });

  test('counts in every team of the organization that the app is installed for, and in no other’s', () => {
    const home = { team: 'E1', enterprise: 'E1' };
    expect(isFrom(from({ team: 'T1', enterprise: 'E1' }), home)).toBe(true);
    expect(isFrom(from({ team: undefined, enterprise: 'E1' }), home)).toBe(true);
    expect(isFrom(from({ team: 'E1', enterprise: 'E2' }), home)).toBe(false);
    expect(isFrom(from({ team: 'E1' }), home)).toBe(false);
  });
});

describe('a member id', () => {
  const wide = { team: 'E1', enterprise: 'E1' };
  test.each<[string, string, Origin, Parameters<typeof isTheirsIn>[2], boolean]>([
    ['of the app’s team', 'T1', from(), { team: 'T1' }, true],
    ['of another team', 'T2', from(), { team: 'T1' }, false],
    ['of the organization', 'E1', from({ team: 'T9', enterprise: 'E1' }), wide, true],
    [
      'of the organization’s team that it was pressed in',
      'T9',
      from({ team: 'T9', enterprise: 'E1' }),
      wide,
      true,
    ],
    ['of another of its teams', 'T8', from({ team: 'T9', enterprise: 'E1' }), wide, false],
    [
      'of an organization that the app is not installed for',
      'E1',
      from({ enterprise: 'E1' }),
      { team: 'T1' },
      false,
    ],
  ])('%s', (_, team, origin, home, theirs) => {
    expect(isTheirsIn(team, origin, home)).toBe(theirs);
  });

  test('is known to another app of the same team or organization, and to no other', () => {
    expect(isSameSlack({ team: 'T1', app: 'A1' }, { team: 'T1', app: 'A2' })).toBe(true);
    expect(isSameSlack({ team: 'T1' }, { team: 'T2' })).toBe(false);
    expect(isSameSlack(wide, { team: 'E1', enterprise: 'E1', app: 'A1' })).toBe(true);
    expect(isSameSlack(wide, { team: 'E1' })).toBe(false);
  });
});

describe('what auth.test says', () => {
  test.each<[Record<string, unknown>, ReturnType<typeof homeSaid>]>([
    [{ ok: true, team_id: 'T1', bot_id: 'B1', is_enterprise_install: false }, { team: 'T1' }],
    [
      { ok: true, team_id: 'T1', app_id: 'A1', enterprise_id: 'E1' },
      { team: 'T1', app: 'A1' },
    ],
    [
      { ok: true, team_id: 'E1', enterprise_id: 'E1', is_enterprise_install: true },
      { team: 'E1', enterprise: 'E1' },
    ],
    [{ ok: true, team_id: 'E1', is_enterprise_install: true }, undefined],
    [{ ok: true }, undefined],
    [{ ok: true, team_id: '' }, undefined],
  ])('%j', (said, home) => {
    expect(homeSaid(said)).toEqual(home);
  });
});
