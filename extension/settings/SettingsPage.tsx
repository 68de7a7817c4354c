import type { Trouble } from '../api/trouble.ts';
import type { Connection } from '../keep/items.ts';
import { useKeys } from '../surface/keys.ts';
import { go } from '../surface/route.ts';
import { troubleText } from '../surface/trouble-text.ts';
import { say } from '../words/say.ts';
import { Canaries } from './Canaries.tsx';
import { InterruptionFields } from './InterruptionFields.tsx';
import { QuietFields } from './QuietFields.tsx';
import { summaryOf } from './summary.ts';
import { usePreferences } from './use-preferences.ts';

/** What will interrupt this person, and when: said in words first, then the switches that say so. */
export function SettingsPage({ connection }: { connection: Connection }) {
  const { preferences, saving, trouble, change, tryAgain } = usePreferences(connection);
  useKeys({ Escape: () => go({ kind: 'queue' }) });
  if (!preferences) {
    return (
      <main class="settings">
        {trouble && (
          <div class="blank" role="alert">
            <p>{settingsTrouble(trouble)}</p>
            <button type="button" onClick={tryAgain}>
              {say('try_again')}
            </button>
          </div>
        )}
      </main>
    );
  }
  return (
    <main class="settings" tabIndex={-1}>
      <h1>{say('settings_title')}</h1>
      <ul class="summary" aria-label={say('settings_summary')} aria-live="polite">
        {summaryOf(preferences).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <InterruptionFields preferences={preferences} change={change} />
      <QuietFields preferences={preferences} change={change} />
      <p class={`saved${trouble ? ' failed' : ''}`} role={trouble ? 'alert' : 'status'}>
        {trouble ? settingsTrouble(trouble) : say(saving ? 'settings_saving' : 'settings_saved')}
        {trouble && (
          <button type="button" onClick={tryAgain}>
            {say('try_again')}
          </button>
        )}
      </p>
      <Canaries connection={connection} />
    </main>
  );
}

/** A server from before there were preferences has nothing at their address. */
function settingsTrouble(trouble: Trouble): string {
  return trouble.code === 'not_found' ? say('server_older') : troubleText(trouble);
}
