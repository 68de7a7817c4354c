import { describe, expect, test } from 'vitest';
import { linkTo, settingsFrom, UnusableSettings } from '../../services/notifier/channels/settings.ts';

const mail = {
  SMTP_URL: 'smtps://user:hunter2@mail.example.com',
  MAIL_FROM: 'Countersign <approvals@example.com>',
};

describe('what messages are sent with', () => {
  test('is nothing where nothing is set, or set to nothing', () => {
    expect(settingsFrom({})).toEqual({});
    expect(settingsFrom({ SMTP_URL: '', MAIL_FROM: '', PUBLIC_URL: '' })).toEqual({});
  });

  test('is read whole', () => {
    expect(settingsFrom({ ...mail, PUBLIC_URL: 'https://approve.example/' })).toEqual({
      publicUrl: 'https://approve.example',
      mail: { url: mail.SMTP_URL, from: mail.MAIL_FROM },
    });
    expect(settingsFrom({ ...mail, MAIL_FROM: 'approvals@example.com' }).mail?.from).toBe(
      'approvals@example.com',
    );
  });

  test.each([
    ['half of it', { SMTP_URL: mail.SMTP_URL }],
    ['half of a telephone account', { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_FROM: '+1' }],
    ['a server that is no URL', { ...mail, SMTP_URL: 'user:hunter2@mail.example.com:587' }],
    ['a server of another kind', { ...mail, SMTP_URL: 'https://user:hunter2@mail.example.com' }],
    ['a sender without an address', { ...mail, MAIL_FROM: 'Countersign' }],
  ])('is refused when it is %s, without a word of the password', (_, env) => {
    expect(() => settingsFrom(env)).toThrow(UnusableSettings);
    expect(() => settingsFrom(env)).not.toThrow(/hunter2/);
  });

  test('leads to cards only where people can reach them', () => {
    expect(linkTo({}, 'req_1')).toBeUndefined();
    expect(linkTo({ publicUrl: 'https://a.example' }, 'req_1')).toBe('https://a.example/app/#/request/req_1');
  });
});
