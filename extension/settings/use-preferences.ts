import type { Preferences } from '@countersign/shared/contracts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { getPreferences, putPreferences } from '../api/preferences.ts';
import type { Trouble } from '../api/trouble.ts';
import { type Connection, preferencesItem } from '../keep/items.ts';

export type PreferencesHandle = {
  /** As the reviewer last set them; null until they have been read. */
  preferences: Preferences | null;
  saving: boolean;
  /** Why they could not be read or saved. What was set stays on the screen. */
  trouble: Trouble | null;
  change: (part: Partial<Preferences>) => void;
  tryAgain: () => void;
};

/**
 * This person's preferences, saved at each change. Saves go one after another and only the last waits, so that what
 * the server has is what stands on the screen.
 */
export function usePreferences(connection: Connection): PreferencesHandle {
  const [preferences, setPreferences] = useState<Preferences | null>(null);
  const [saving, setSaving] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const wanted = useRef<Preferences | null>(null);
  const running = useRef(false);

  const read = async () => {
    setTrouble(null);
    const answer = await getPreferences(connection);
    if (!answer.ok) return setTrouble(answer.trouble);
    setPreferences(answer.value);
    await preferencesItem.setValue(answer.value);
  };
  useEffect(() => {
    void read();
  }, [connection]);

  const save = async () => {
    if (running.current) return;
    running.current = true;
    setSaving(true);
    setTrouble(null);
    while (wanted.current) {
      const sent = wanted.current;
      const answer = await putPreferences(connection, sent);
      if (!answer.ok) {
        setTrouble(answer.trouble);
        break;
      }
      await preferencesItem.setValue(answer.value);
      if (wanted.current === sent) wanted.current = null;
    }
    running.current = false;
    setSaving(false);
  };

  return {
    preferences,
    saving,
    trouble,
    change: (part) => {
      const before = wanted.current ?? preferences;
      if (!before) return;
      wanted.current = { ...before, ...part };
      setPreferences(wanted.current);
      void save();
    },
    tryAgain: () => void (wanted.current ? save() : read()),
  };
}
