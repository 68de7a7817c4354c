import type { Preferences, QuietHours, Weekday } from '@countersign/shared/contracts';
import { language, say } from '../words/say.ts';

type Props = { preferences: Preferences; change: (part: Partial<Preferences>) => void };

const week: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const night: QuietHours = { from: '19:00', to: '08:00' };

/** When it is quiet, when the digest comes, and where this person's clock stands. */
export function QuietFields({ preferences, change }: Props) {
  const { quiet_hours, digest_at, time_zone } = preferences;
  const zones = Intl.supportedValuesOf('timeZone');
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // The first thing set by the clock sets the clock: nobody's quiet hours are meant in another zone than theirs.
  const inZone =
    time_zone === 'UTC' && quiet_hours.length + digest_at.length === 0 ? { time_zone: here } : {};
  const setSpan = (at: number, span: QuietHours | null) =>
    change({ quiet_hours: span ? quiet_hours.with(at, span) : quiet_hours.toSpliced(at, 1) });
  const setDigest = (at: number, time: string | null) =>
    change({ digest_at: time ? digest_at.with(at, time) : digest_at.toSpliced(at, 1) });
  return (
    <>
      <fieldset>
        <legend>{say('settings_quiet')}</legend>
        <p class="hint">{say('settings_quiet_hint')}</p>
        {quiet_hours.map((span, at) => (
          <Span key={at} span={span} onChange={(changed) => setSpan(at, changed)} />
        ))}
        <button
          type="button"
          class="add"
          onClick={() => change({ quiet_hours: [...quiet_hours, night], ...inZone })}
        >
          {say('settings_quiet_add')}
        </button>
      </fieldset>
      <fieldset>
        <legend>{say('settings_digest')}</legend>
        <p class="hint">{say('settings_digest_hint')}</p>
        <div class="times">
          {digest_at.map((time, at) => (
            <span key={at} class="time">
              <Time
                label={say('settings_digest_time')}
                value={time}
                onChange={(changed) => setDigest(at, changed)}
              />
              <Remove label={say('settings_remove', time)} onClick={() => setDigest(at, null)} />
            </span>
          ))}
        </div>
        <button
          type="button"
          class="add"
          onClick={() => change({ digest_at: [...digest_at, '09:00'], ...inZone })}
        >
          {say('settings_digest_add')}
        </button>
      </fieldset>
      <fieldset>
        <legend>{say('settings_clock')}</legend>
        <label class="setting">
          <span>
            {say('settings_zone')}
            <small>{say('settings_zone_hint', timeIn(time_zone))}</small>
          </span>
          <select value={time_zone} onChange={(event) => change({ time_zone: event.currentTarget.value })}>
            {[...new Set([here, 'UTC', time_zone, ...zones])].map((zone) => (
              <option key={zone} value={zone}>
                {zone.replaceAll('_', ' ')}
              </option>
            ))}
          </select>
        </label>
      </fieldset>
    </>
  );
}

function Span({ span, onChange }: { span: QuietHours; onChange: (span: QuietHours | null) => void }) {
  const days = span.days ?? week;
  const toggle = (day: Weekday) => {
    const chosen = week.filter((other) => (other === day) !== days.includes(other));
    const { days: _every, ...times } = span;
    // Without a day it would never be quiet, which is what Remove is for.
    if (chosen.length > 0) onChange(chosen.length === week.length ? times : { ...times, days: chosen });
  };
  return (
    <div class="span">
      <Time label={say('settings_from')} value={span.from} onChange={(from) => onChange({ ...span, from })} />
      <span aria-hidden="true">–</span>
      <Time label={say('settings_to')} value={span.to} onChange={(to) => onChange({ ...span, to })} />
      <fieldset class="days" aria-label={say('settings_days')}>
        {week.map((day, i) => (
          <button
            key={day}
            type="button"
            class="day"
            aria-pressed={days.includes(day)}
            aria-label={dayName(i, 'long')}
            onClick={() => toggle(day)}
          >
            {dayName(i, 'short')}
          </button>
        ))}
      </fieldset>
      <Remove
        label={say('settings_remove', say('settings_span', span.from, span.to))}
        onClick={() => onChange(null)}
      />
    </div>
  );
}

/** A box for a time of day. Half a time, while it is being typed, changes nothing. */
function Time(props: { label: string; value: string; onChange: (time: string) => void }) {
  return (
    <input
      type="time"
      aria-label={props.label}
      value={props.value}
      onChange={(event) => {
        const time = event.currentTarget.value.slice(0, 5);
        if (/^\d\d:\d\d$/.test(time)) props.onChange(time);
      }}
    />
  );
}

function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" class="icon" title={label} aria-label={label} onClick={onClick}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="m4 4 8 8M12 4l-8 8" />
      </svg>
    </button>
  );
}

/** The name of a day in the reader's language; 0 is Monday. */
function dayName(day: number, style: 'short' | 'long'): string {
  // 5 January 1970 was a Monday.
  return new Intl.DateTimeFormat(language(), { weekday: style, timeZone: 'UTC' }).format(
    (4 + day) * 86_400_000,
  );
}

function timeIn(timeZone: string): string {
  return new Intl.DateTimeFormat(language(), { timeStyle: 'short', timeZone }).format(Date.now());
}
