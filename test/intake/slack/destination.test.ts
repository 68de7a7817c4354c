import { describe, expect, test } from 'vitest';
import { slackDestinationFault } from '../../../services/intake/slack/destination.ts';

const whole = {
  name: 'approvals',
  kind: 'slack',
  secret: 'xoxb-1234567890',
  signing_secret: 'a'.repeat(32),
  to: ['C012AB3CD', 'G012AB3CD', 'D012AB3CD'],
} as const;
const { secret: _s, ...withoutToken } = whole;
const { to: _t, ...nowhere } = whole;
const { signing_secret: _k, ...unverifiable } = whole;

describe('a destination of Slack', () => {
  test('has a bot token and conversations, and a signing secret where its buttons are to decide', () => {
    expect(slackDestinationFault({ ...whole, to: [...whole.to] })).toBeUndefined();
    expect(slackDestinationFault({ ...unverifiable, to: [...whole.to] })).toBeUndefined();
  });

  test.each([
    ['no token', { ...withoutToken, to: ['C012AB3CD'] }, /^secret: .*xoxb-/],
    ['a token of a user', { ...whole, secret: 'xoxp-1234567890', to: ['C012AB3CD'] }, /^secret:/],
    ['no conversation', nowhere, /^to:/],
    ['a channel by its name', { ...whole, to: ['#approvals'] }, /^to:/],
    ['a person for a conversation', { ...whole, to: ['U012AB3CD'] }, /^to:/],
    [
      'an empty signing secret, by which anyone could sign',
      { ...whole, signing_secret: '', to: ['C012AB3CD'] },
      /^signing_secret:/,
    ],
  ])('is refused with %s', (_, body, said) => {
    expect(slackDestinationFault(body)).toMatch(said);
  });
});
