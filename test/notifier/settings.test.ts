import { describe, expect, test } from 'vitest';
import { linkTo, settingsFrom, UnusableSettings } from '../../services/notifier/channels/settings.ts';
import { traceSettingsFrom } from '../../services/notifier/traces/settings.ts';

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

describe('where spans go', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
  const usual = { url: 'http://collector:4318/v1/traces', timeoutMs: 10_000, namesReviewers: false };

  test.each([
    ['nothing is set', {}],
    ['it is set to nothing', { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_EXPORTER_OTLP_HEADERS: '' }],
    ['the SDK is disabled', { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }],
    ['traces are not exported', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }],
  ])('is nowhere where %s', (_what, env) => {
    expect(traceSettingsFrom(env)).toBeUndefined();
  });

  test('is what OpenTelemetry’s variables say, those for traces before those for all', () => {
    expect(traceSettingsFrom(endpoint)).toEqual(usual);
    expect(
      traceSettingsFrom({
        ...endpoint,
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/own/path',
        OTEL_EXPORTER_OTLP_TIMEOUT: '500',
        TRACE_REVIEWERS: 'ids',
      }),
    ).toEqual({ url: 'https://traces.example/own/path', timeoutMs: 500, namesReviewers: true });
  });

  test.each([
    ['no URL', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector hunter2' }],
    ['of another kind', { OTEL_EXPORTER_OTLP_ENDPOINT: 'grpc://user:hunter2@collector:4317' }],
    ['for another protocol', { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
    ['for another exporter', { ...endpoint, OTEL_TRACES_EXPORTER: 'zipkin' }],
    ['in no time', { ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '0' }],
    ['in no number', { ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '10s' }],
    ['with people by another name', { ...endpoint, TRACE_REVIEWERS: 'names' }],
  ])('is refused when it is %s, without a word of what was set', (_what, env) => {
    expect(() => traceSettingsFrom(env)).toThrow(UnusableSettings);
    expect(() => traceSettingsFrom(env)).not.toThrow(/hunter2|zipkin|10s/);
  });
});
