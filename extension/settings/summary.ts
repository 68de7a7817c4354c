import type { Preferences, Tier } from '@countersign/shared/contracts';
import { interrupts } from '@countersign/shared/preferences';
import { tiers } from '../api/guard.ts';
import { language, say } from '../words/say.ts';

/** What will interrupt and when, in sentences a person can check at a glance. */
export function summaryOf(preferences: Preferences): string[] {
  const loud = tiers.filter((tier) => interrupts(preferences, { tier }, 'push'));
  const quiet = tiers.filter((tier) => !loud.includes(tier));
  const sentences = [
    loud.length === 0 ? say('settings_says_nothing') : say('settings_says_loud', tierNames(loud)),
  ];
  const { opens_from, quiet_hours, digest_at, sound } = preferences;
  const opening =
    opens_from === null ? [] : loud.filter((tier) => tiers.indexOf(tier) >= tiers.indexOf(opens_from));
  if (opening.length > 0) sentences.push(say('settings_says_opens', tierNames(opening)));
  if (quiet.length > 0) {
    sentences.push(
      digest_at.length === 0
        ? say('settings_says_quiet', tierNames(quiet))
        : say('settings_says_digest', tierNames(quiet), list(digest_at)),
      say('settings_says_policy'),
    );
  }
  if (quiet_hours.length > 0 && loud.length > 0) {
    const spans = list(quiet_hours.map(({ from, to }) => say('settings_span', from, to)));
    sentences.push(say(loud.includes('critical') ? 'settings_says_night' : 'settings_says_night_all', spans));
  }
  if (!sound) sentences.push(say('settings_says_silent'));
  return sentences;
}

function tierNames(names: Tier[]): string {
  return list(names.map((tier) => say(`tier_${tier}`).toLowerCase()));
}

function list(parts: string[]): string {
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(parts);
}
