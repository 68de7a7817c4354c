import type { Preferences, Tier } from '@countersign/shared/contracts';
import { lowestInterrupting } from '@countersign/shared/preferences';
import { tiers } from '../api/guard.ts';
import { say } from '../words/say.ts';
import { interruptingFrom } from './interrupting-from.ts';

type Props = { preferences: Preferences; change: (part: Partial<Preferences>) => void };

const never = 'never';

/** From which tier on a notification interrupts, and from which on the card opens itself. */
export function InterruptionFields({ preferences, change }: Props) {
  const { channels, opens_from, sound } = preferences;
  return (
    <fieldset>
      <legend>{say('settings_interruptions')}</legend>
      <FromTier
        label={say('settings_notify_from')}
        hint={say('settings_notify_hint')}
        value={lowestInterrupting(preferences, 'push')}
        onChange={(tier) => change({ channels: interruptingFrom(channels, tier) })}
      />
      <FromTier
        label={say('settings_opens_from')}
        hint={say('settings_opens_hint')}
        value={opens_from}
        onChange={(tier) => change({ opens_from: tier })}
      />
      <label class="setting">
        <span>
          {say('settings_sound')}
          <small>{say('settings_sound_hint')}</small>
        </span>
        <input
          type="checkbox"
          checked={sound}
          onChange={(event) => change({ sound: event.currentTarget.checked })}
        />
      </label>
    </fieldset>
  );
}

function FromTier(props: {
  label: string;
  hint: string;
  value: Tier | null;
  onChange: (tier: Tier | null) => void;
}) {
  return (
    <label class="setting">
      <span>
        {props.label}
        <small>{props.hint}</small>
      </span>
      <select
        value={props.value ?? never}
        onChange={(event) => {
          const chosen = event.currentTarget.value;
          props.onChange(tiers.find((tier) => tier === chosen) ?? null);
        }}
      >
        {tiers.map((tier) => (
          <option key={tier} value={tier}>
            {tier === 'critical' ? say('tier_critical') : say('settings_and_up', say(`tier_${tier}`))}
          </option>
        ))}
        <option value={never}>{say('settings_never')}</option>
      </select>
    </label>
  );
}
